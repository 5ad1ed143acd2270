/** Keeps what the runtime runs, pod by pod: one list, then its events, and the list again whenever events may be missing. */
import { isDeepStrictEqual } from 'node:util';
import { asError } from '#base/errors';
import { isAbortOf } from '#base/abort';
import { backoffMs } from '#base/backoff';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { ContainerStatus } from '../runtime/container.ts';
import type { Runtime, RuntimeEvent } from '../runtime/runtime.ts';
import { isRuntimeError } from '../runtime/runtime-error.ts';
import type { SandboxStatus, SandboxSummary } from '../runtime/sandbox.ts';
import { CONTAINER_HASH, CONTAINER_NAME, POD_UID, RESTART_COUNT } from './config/runtime-labels.ts';
import { NOTHING_RUNS, type ContainerView, type RuntimeView, type SandboxView } from './plan/pod-state.ts';
import { present } from './plan/present.ts';

export type RuntimeWatchOptions = {
  readonly runtime: Runtime;
  readonly world: World;
  readonly logger: Logger;
  /** What an exited container left to say. */
  readonly messageOf: (container: ContainerStatus) => Promise<string>;
  /** Something of this pod has changed. */
  readonly onChange: (podUid: string) => void;
};

/** Ids, in the order in which they came; arrays, as a pod mostly has one of each. */
type Parts = { readonly sandboxes: readonly string[]; readonly containers: readonly string[] };
type Known<T> = { readonly podUid: string; readonly view: T };

const NO_PARTS: Parts = { sandboxes: [], containers: [] };
const RELIST_BACKOFF = { baseMs: 250, capMs: 10_000 };

export class RuntimeWatch {
  readonly #options: RuntimeWatchOptions;
  readonly #sandboxes = new Map<string, Known<SandboxView> & { readonly summary: SandboxSummary }>();
  readonly #containers = new Map<string, Known<ContainerView> & { readonly logPath: string }>();
  /** Of each pod. */
  readonly #parts = new Map<string, Parts>();
  readonly #views = new Map<string, RuntimeView>();
  readonly #listed = Promise.withResolvers<void>();

  constructor(options: RuntimeWatchOptions) {
    this.#options = options;
  }

  /** Resolves once the first list is in. */
  get listed(): Promise<void> {
    return this.#listed.promise;
  }

  view(podUid: string): RuntimeView {
    return this.#views.get(podUid) ?? NOTHING_RUNS;
  }

  /** Everything with a sandbox or a container, and one of its sandboxes if there is one. */
  pods(): ReadonlyMap<string, SandboxSummary | undefined> {
    const found = new Map<string, SandboxSummary | undefined>();
    for (const { podUid } of this.#containers.values()) found.set(podUid, undefined);
    for (const { podUid, summary } of this.#sandboxes.values()) found.set(podUid, summary);
    return found;
  }

  logPath(containerId: string): string | undefined {
    return this.#containers.get(containerId)?.logPath;
  }

  /** Every container that runs, with the pod it belongs to. */
  *running(): Generator<{ readonly podUid: string; readonly container: ContainerView; readonly logPath: string }> {
    for (const { podUid, view, logPath } of this.#containers.values()) {
      if (view.state === 'Running') yield { podUid, container: view, logPath };
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#options.runtime.events(signal)) {
        if (event.type === 'Relist') await this.#relistUntilDone(signal);
        else await this.#take(event).catch((error: unknown) => this.#report(event, error));
      }
    } catch (error) {
      if (!isAbortOf(error, signal)) throw error;
    }
  }

  /** Looks at one container again: what an operation of ours has just changed. */
  async refreshContainer(id: string): Promise<void> {
    const status = await this.#orGone(this.#options.runtime.containerStatus(id));
    if (status === undefined) this.#forgetContainer(id);
    else await this.#putContainer(status);
  }

  async refreshSandbox(id: string): Promise<void> {
    const status = await this.#orGone(this.#options.runtime.podSandboxStatus(id));
    if (status === undefined) this.#forgetSandbox(id);
    else this.#putSandbox(status, status.ips);
  }

  async #take(event: Exclude<RuntimeEvent, { readonly type: 'Relist' }>): Promise<void> {
    switch (event.type) {
      case 'ContainerStarted':
      case 'ContainerExited':
        return await this.refreshContainer(event.id);
      case 'ContainerRemoved':
        return this.#forgetContainer(event.id);
      case 'SandboxExited':
        return await this.refreshSandbox(event.id);
      case 'SandboxRemoved':
        return this.#forgetSandbox(event.id);
      case 'ContainerOutOfMemory':
        return; // its exit says so too
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
    for (const id of this.#containers.keys()) if (!listed.has(id)) this.#forgetContainer(id);
    for (const id of this.#sandboxes.keys()) if (!listed.has(id)) this.#forgetSandbox(id);
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
    const podUid = summary.metadata.uid;
    const view: SandboxView = {
      id: summary.id,
      attempt: summary.metadata.attempt,
      ready: summary.state === 'Ready',
      createdAtMs: summary.createdAtMs,
      ips,
    };
    this.#sandboxes.set(summary.id, { podUid, view, summary });
    this.#noteParts(podUid, { sandboxes: [summary.id], containers: [] });
    this.#changed(podUid);
  }

  async #putContainer(status: ContainerStatus): Promise<void> {
    const known = this.#containers.get(status.id)?.view;
    // An answer that was on its way while the container ended must not bring it back to life.
    if (known?.state === 'Exited') return;
    const message = status.state === 'Exited' ? await this.#options.messageOf(status) : '';
    const podUid = status.labels[POD_UID] ?? '';
    const view = containerView(status, message);
    // What an operation of ours has looked at already, an event tells once more.
    if (known !== undefined && isDeepStrictEqual(known, view)) return;
    this.#containers.set(status.id, { podUid, view, logPath: status.logPath });
    this.#noteParts(podUid, { sandboxes: [], containers: [status.id] });
    this.#changed(podUid);
  }

  #forgetContainer(id: string): void {
    const podUid = this.#containers.get(id)?.podUid;
    if (podUid !== undefined && this.#containers.delete(id)) this.#changed(podUid);
  }

  #forgetSandbox(id: string): void {
    const podUid = this.#sandboxes.get(id)?.podUid;
    if (podUid !== undefined && this.#sandboxes.delete(id)) this.#changed(podUid);
  }

  #changed(podUid: string): void {
    const parts = this.#parts.get(podUid) ?? NO_PARTS;
    const sandboxes = viewsOf(this.#sandboxes, parts.sandboxes);
    const containers = viewsOf(this.#containers, parts.containers);
    if (sandboxes.length === 0 && containers.length === 0) {
      this.#views.delete(podUid);
      this.#parts.delete(podUid);
    } else {
      this.#views.set(podUid, {
        sandboxes: sandboxes.toSorted((left, right) => right.attempt - left.attempt),
        containers: containers.toSorted(
          (left, right) => right.restartCount - left.restartCount || right.createdAtMs - left.createdAtMs,
        ),
      });
    }
    this.#options.onChange(podUid);
  }

  /** Those that are gone are forgotten when new ones come. */
  #noteParts(podUid: string, { sandboxes, containers }: Parts): void {
    const known = this.#parts.get(podUid) ?? NO_PARTS;
    this.#parts.set(podUid, {
      sandboxes: withNew(known.sandboxes, sandboxes, this.#sandboxes),
      containers: withNew(known.containers, containers, this.#containers),
    });
  }

  async #orGone<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isRuntimeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #report(event: RuntimeEvent, error: unknown): void {
    // The next relist tells what was missed here.
    this.#options.logger.warn('cannot follow an event of the runtime', { event: event.type, error: asError(error) });
  }
}

function withNew(
  ids: readonly string[],
  more: readonly string[],
  known: ReadonlyMap<string, unknown>,
): readonly string[] {
  if (more.every((id) => ids.includes(id))) return ids;
  return [...ids.filter((id) => known.has(id) && !more.includes(id)), ...more];
}

/** Of those that are still there, in the order in which they came. */
function viewsOf<T>(known: ReadonlyMap<string, Known<T>>, ids: readonly string[]): readonly T[] {
  return ids.flatMap((id) => known.get(id)?.view ?? []);
}

function containerView(status: ContainerStatus, message: string): ContainerView {
  const { id, sandboxId, metadata, state, createdAtMs, image, imageRef, labels, annotations } = status;
  return {
    id,
    name: labels[CONTAINER_NAME] ?? metadata.name,
    sandboxId,
    restartCount: Number(annotations[RESTART_COUNT] ?? metadata.attempt),
    hash: annotations[CONTAINER_HASH] ?? '',
    state,
    image,
    imageRef,
    createdAtMs,
    ...present({
      startedAtMs: status.startedAtMs,
      finishedAtMs: status.finishedAtMs,
      exitCode: status.exitCode,
      reason: status.reason,
      message: message === '' ? undefined : message,
    }),
  };
}
