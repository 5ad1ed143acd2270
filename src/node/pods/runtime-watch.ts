/** Keeps what the runtime runs, pod by pod: one list, then its events, and the list again whenever events may be missing. */
import { asError } from '#base/errors';
import { isAbortOf } from '#base/abort';
import { backoffMs } from '#base/backoff';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { ContainerStatus } from '../runtime/container.ts';
import type { Runtime, RuntimeEvent } from '../runtime/runtime.ts';
import { isRuntimeError } from '../runtime/runtime-error.ts';
import type { SandboxStatus, SandboxSummary } from '../runtime/sandbox.ts';
import { POD_UID } from './config/runtime-labels.ts';
import { NOTHING_RUNS, type ContainerView, type RuntimeView } from './plan/pod-state.ts';
import { ContainerRecord, SandboxRecord } from './runtime-records.ts';

export type RuntimeWatchOptions = {
  readonly runtime: Runtime;
  readonly world: World;
  readonly logger: Logger;
  /** What an exited container left to say. */
  readonly messageOf: (container: ContainerStatus) => Promise<string>;
  /** Something of this pod has changed; `key` is that of operations on it. */
  readonly onChange: (podUid: string, key: string) => void;
};

/** Both newest first. */
type Known = { readonly sandboxes: readonly SandboxRecord[]; readonly containers: readonly ContainerRecord[] };

const NOTHING_KNOWN: Known = { sandboxes: [], containers: [] };
const RELIST_BACKOFF = { baseMs: 250, capMs: 10_000 };

export class RuntimeWatch {
  readonly #options: RuntimeWatchOptions;
  /** By the pod's uid. */
  readonly #pods = new Map<string, Known>();
  readonly #listed = Promise.withResolvers<void>();

  constructor(options: RuntimeWatchOptions) {
    this.#options = options;
  }

  /** Resolves once the first list is in. */
  get listed(): Promise<void> {
    return this.#listed.promise;
  }

  view(podUid: string): RuntimeView {
    return this.#pods.get(podUid) ?? NOTHING_RUNS;
  }

  /** Everything with a sandbox or a container, and its last sandbox if there is one. */
  *pods(): Generator<readonly [podUid: string, sandbox: SandboxSummary | undefined]> {
    for (const [podUid, { sandboxes }] of this.#pods) yield [podUid, sandboxes[0]?.summary];
  }

  logPath(containerId: string): string | undefined {
    for (const { containers } of this.#pods.values()) {
      for (const { id, logPath } of containers) if (id === containerId) return logPath;
    }
    return undefined;
  }

  /** Every container that runs, with the pod it belongs to. */
  *running(): Generator<{ readonly podUid: string; readonly container: ContainerView; readonly logPath: string }> {
    for (const [podUid, { containers }] of this.#pods) {
      for (const container of containers) {
        if (container.state === 'Running') yield { podUid, container, logPath: container.logPath };
      }
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#options.runtime.events(signal)) {
        if (event.type === 'Relist') await this.#relistUntilDone(signal);
        else await this.#take(event);
      }
    } catch (error) {
      if (!isAbortOf(error, signal)) throw error;
    }
  }

  /** Looks at one container again: what an operation of ours has just changed. */
  async refreshContainer(id: string): Promise<void> {
    let status: ContainerStatus;
    try {
      status = await this.#options.runtime.containerStatus(id);
    } catch (error) {
      return this.#gone(id, error);
    }
    if (status.state === 'Exited') await this.#putExited(status);
    else this.#putContainer(status, '');
  }

  async refreshSandbox(id: string): Promise<void> {
    try {
      const status = await this.#options.runtime.podSandboxStatus(id);
      this.#putSandbox(status, status.ips);
    } catch (error) {
      this.#gone(id, error);
    }
  }

  async #take(event: Exclude<RuntimeEvent, { readonly type: 'Relist' }>): Promise<void> {
    try {
      await this.#look(event);
    } catch (error) {
      // The next relist tells what was missed here.
      this.#options.logger.warn('cannot follow an event of the runtime', { event: event.type, error: asError(error) });
    }
  }

  #look(event: Exclude<RuntimeEvent, { readonly type: 'Relist' }>): Promise<void> | undefined {
    switch (event.type) {
      case 'ContainerStarted':
      case 'ContainerExited':
        return this.refreshContainer(event.id);
      case 'SandboxExited':
        return this.refreshSandbox(event.id);
      case 'ContainerRemoved':
      case 'SandboxRemoved':
        this.forget(event.id);
        return undefined;
      case 'ContainerOutOfMemory':
        return undefined; // its exit says so too
    }
  }

  async #relistUntilDone(signal: AbortSignal): Promise<void> {
    const { world, logger } = this.#options;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#relist();
      } catch (error) {
        logger.warn('cannot list what the runtime runs, trying again', { error: asError(error) });
        await world.clock.sleep(backoffMs(failures, RELIST_BACKOFF, world.random), signal);
      }
    }
  }

  async #relist(): Promise<void> {
    const { runtime } = this.#options;
    const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes(), runtime.listContainers()]);
    const listed = new Set([...sandboxes, ...containers].map(({ id }) => id));
    for (const id of this.#ids()) if (!listed.has(id)) this.forget(id);
    await Promise.all(sandboxes.map((each) => this.#relistSandbox(each)));
    await Promise.all(containers.map(({ id }) => this.refreshContainer(id)));
    this.#listed.resolve();
  }

  // Only a sandbox that is up has addresses worth a call.
  async #relistSandbox(summary: SandboxSummary): Promise<void> {
    if (summary.state === 'Ready') await this.refreshSandbox(summary.id);
    else this.#putSandbox(summary, []);
  }

  #putSandbox(summary: SandboxSummary | SandboxStatus, ips: readonly string[]): void {
    const { uid } = summary.metadata;
    const { sandboxes, containers } = this.#pods.get(uid) ?? NOTHING_KNOWN;
    this.#know(uid, 'pod', {
      sandboxes: withItem(sandboxes, new SandboxRecord(summary, ips), (left, right) => right.attempt - left.attempt),
      containers,
    });
  }

  async #putExited(status: ContainerStatus): Promise<void> {
    if (knownOf(this.#pods.get(uidOf(status)), status)?.state === 'Exited') return;
    this.#putContainer(status, await this.#options.messageOf(status));
  }

  #putContainer(status: ContainerStatus, message: string): void {
    const podUid = uidOf(status);
    const pod = this.#pods.get(podUid) ?? NOTHING_KNOWN;
    const known = knownOf(pod, status);
    // An answer that was on its way while the container ended must not bring it back to life.
    if (known?.state === 'Exited') return;
    // What an operation of ours has looked at already, an event tells once more: until it ends, a container only starts.
    if (known?.state === status.state && known.startedAtMs === status.startedAtMs) return;
    const container = new ContainerRecord(status, message);
    const { sandboxes, containers } = pod;
    this.#know(podUid, `container/${container.name}`, {
      sandboxes,
      containers: withItem(
        containers,
        container,
        (left, right) => right.restartCount - left.restartCount || right.createdAtMs - left.createdAtMs,
      ),
    });
  }

  #ids(): readonly string[] {
    return [...this.#pods.values()].flatMap((known) => [...known.containers, ...known.sandboxes].map(({ id }) => id));
  }

  /** What was removed. Its pod is searched for: a node has few, and each of them is there for longer than it goes. */
  forget(id: string): void {
    const isIt = (each: { readonly id: string }): boolean => each.id === id;
    for (const [podUid, { sandboxes, containers }] of this.#pods) {
      const container = containers.find(isIt);
      if (container === undefined && !sandboxes.some(isIt)) continue;
      return this.#know(podUid, container === undefined ? 'pod' : `container/${container.name}`, {
        sandboxes: sandboxes.filter((each) => each.id !== id),
        containers: containers.filter((each) => each.id !== id),
      });
    }
  }

  #know(podUid: string, key: string, known: Known): void {
    if (known.sandboxes.length === 0 && known.containers.length === 0) this.#pods.delete(podUid);
    else this.#pods.set(podUid, known);
    this.#options.onChange(podUid, key);
  }

  /** Whoever is asked for something that is gone says so. */
  #gone(id: string, error: unknown): void {
    if (!isRuntimeError(error, 'NotFound')) throw error;
    this.forget(id);
  }
}

function uidOf({ labels }: ContainerStatus): string {
  return labels[POD_UID] ?? '';
}

function knownOf(pod: Known | undefined, { id }: ContainerStatus): ContainerRecord | undefined {
  for (const each of pod?.containers ?? []) if (each.id === id) return each;
  return undefined;
}

/** The list with the item in place of what has its id, sorted. */
function withItem<T extends { readonly id: string }>(
  items: readonly T[],
  item: T,
  order: (left: T, right: T) => number,
): readonly T[] {
  if (items.length === 0 || (items.length === 1 && items[0]?.id === item.id)) return [item];
  const others = items.filter(({ id }) => id !== item.id);
  return others.length === 0 ? [item] : [...others, item].toSorted(order);
}
