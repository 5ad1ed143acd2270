/** Simulated sandboxes: an address and a delay. */
import { RuntimeError } from '../runtime-error.ts';
import type { Runtime } from '../runtime.ts';
import { behaviourOf } from './hollow-profile.ts';
import type { SandboxMetadata } from '../sandbox.ts';
import { KILLED, type HollowSandbox, type HollowState } from './hollow-state.ts';

type SandboxCalls = Pick<
  Runtime,
  | 'runPodSandbox'
  | 'stopPodSandbox'
  | 'removePodSandbox'
  | 'podSandboxStatus'
  | 'listPodSandboxes'
  | 'updatePodResources'
>;

// Most pods have one sandbox in all their life.
const reservedName = ({ uid, attempt }: SandboxMetadata): string => (attempt === 0 ? uid : `${uid}/${attempt}`);

export function hollowSandboxes(state: HollowState): SandboxCalls {
  const { world, profile, addresses, sandboxes, containers } = state;
  /** Of those that are ready. */
  const reserved = new Set<string>();

  const stop = (sandbox: HollowSandbox): void => {
    const { id, ips } = sandbox.status;
    for (const container of containers.values()) {
      if (container.status.sandboxId === id) state.exit(container, KILLED);
    }
    if (sandbox.status.state === 'NotReady') return;
    for (const ip of ips) addresses.free(ip);
    reserved.delete(reservedName(sandbox.status.metadata));
    sandbox.status = { ...sandbox.status, state: 'NotReady', ips: [] };
    state.tell({ type: 'SandboxExited', id, atMs: world.clock.now() });
  };

  return {
    async runPodSandbox({ metadata, labels, annotations, namespaces, logDirectory }, signal) {
      await state.take(profile.sandboxMs, signal);
      if (world.random() < profile.sandboxFailures)
        throw new RuntimeError('Failed', 'failed to set up the network of the sandbox');
      if (reserved.has(reservedName(metadata)))
        throw new RuntimeError('AlreadyExists', `name "${metadata.name}" is reserved`);
      const ip = namespaces.network === 'Node' ? undefined : addresses.take();
      if (ip === undefined && namespaces.network === 'Pod') {
        throw new RuntimeError('Failed', 'failed to allocate for range 0: no IP addresses available in range set');
      }
      const id = world.newId();
      const createdAtMs = world.clock.now();
      const ips = ip === undefined ? [] : [ip];
      const status = { id, metadata, state: 'Ready', createdAtMs, labels, annotations, ips } as const;
      reserved.add(reservedName(metadata));
      sandboxes.set(id, { status, behaviour: behaviourOf(annotations), logDirectory });
      return id;
    },
    async stopPodSandbox(id) {
      await state.take(profile.stopMs);
      const sandbox = sandboxes.get(id);
      if (sandbox !== undefined) stop(sandbox);
    },
    async removePodSandbox(id) {
      const sandbox = sandboxes.get(id);
      if (sandbox === undefined) return;
      stop(sandbox);
      for (const container of containers.values())
        if (container.status.sandboxId === id) state.removeContainer(container);
      sandboxes.delete(id);
      state.tell({ type: 'SandboxRemoved', id, atMs: world.clock.now() });
    },
    podSandboxStatus: async (id) => state.sandbox(id).status,
    listPodSandboxes: async () => [...sandboxes.values()].map(({ status }) => status),
    updatePodResources: async () => undefined,
  };
}
