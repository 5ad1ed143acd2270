/** Refuses nodes to which a storage driver can attach no more volumes. */
import type { Pod } from '#api/core/pod';
import { storageClassOf } from '#api/core/volume/storage-class';
import { type Plugin, refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { StorageView } from '../snapshot/storage-view.ts';
import { type ClaimedVolume, claimedVolumes } from './pod-volumes.ts';

const REFUSAL = refusal('node(s) exceed max volume count');

/** By driver, what tells its volumes apart. */
type Attached = ReadonlyMap<string, ReadonlySet<string>>;

export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  isForOnePod: true,
  filter: (pod, state) => {
    const wanted = attachedFor([pod], state.storage);
    if (wanted.size === 0) return undefined;
    return { verdict: (slot) => (exceeds(wanted, slot, state) ? REFUSAL : undefined) };
  },
  wakes: (event) => {
    if (event.kind === 'PodRemoved') return (event.pod.spec.volumes ?? []).length > 0;
    return event.kind === 'StorageChanged' || event.kind === 'NodeAdded';
  },
};

function exceeds(wanted: Attached, slot: number, state: ClusterState): boolean {
  const drivers = state.storage.csiNode(state.nameAt(slot))?.spec.drivers ?? [];
  const limited = drivers.filter(({ name, allocatable }) => wanted.has(name) && allocatable?.count !== undefined);
  if (limited.length === 0) return false;
  const attached = attachedFor(state.podsAt(slot), state.storage);
  return limited.some(({ name, allocatable }) => {
    const there = attached.get(name) ?? new Set();
    const added = (wanted.get(name) ?? new Set()).difference(there);
    return added.size > 0 && there.size + added.size > (allocatable?.count ?? 0);
  });
}

function attachedFor(pods: readonly Pod[], storage: StorageView): Attached {
  const attached = new Map<string, Set<string>>();
  for (const pod of pods)
    for (const claimed of claimedVolumes(pod, storage)) {
      const found = attachment(claimed, storage);
      if (found === undefined) continue;
      const volumes = attached.get(found.driver) ?? new Set();
      attached.set(found.driver, volumes.add(found.volume));
    }
  return attached;
}

/** A claim without a volume will get one of the driver that makes them. */
function attachment(
  { claim, volume }: ClaimedVolume,
  storage: StorageView,
): { readonly driver: string; readonly volume: string } | undefined {
  const csi = volume?.spec.csi;
  if (csi !== undefined) return { driver: csi.driver, volume: csi.volumeHandle };
  if (volume !== undefined) return undefined;
  const driver = storage.storageClass(storageClassOf(claim))?.provisioner;
  return driver === undefined ? undefined : { driver, volume: `${claim.metadata.namespace}/${claim.metadata.name}` };
}
