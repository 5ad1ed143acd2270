/** At most one pod of an identity runs anywhere, on machines that nobody can reach included. */
import type { ClusterView } from './cluster-view.ts';

export async function checkIdentities({ sim }: ClusterView): Promise<string | undefined> {
  const places = new Map<string, { readonly uid: string; readonly machine: string }>();
  for (const machine of sim.machines.values()) {
    for (const { pod, uid } of await machine.running()) {
      const other = places.get(pod);
      if (other !== undefined && other.uid !== uid) return `${pod} runs on ${other.machine} and on ${machine.name}`;
      places.set(pod, { uid, machine: machine.name });
    }
  }
  return undefined;
}
