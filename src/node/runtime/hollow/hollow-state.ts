/** What a hollow runtime remembers: sandboxes, containers, images, and who listens. */
import { AsyncQueue } from '#base/async-queue';
import type { World } from '#base/world';
import type { Timer } from '#base/world';
import type { ContainerStatus } from '../container.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { ImageInfo, RuntimeEvent } from '../runtime.ts';
import type { SandboxStatus } from '../sandbox.ts';
import { AddressPool } from './address-pool.ts';
import { pick, type Behaviour, type HollowProfile, type Range } from './hollow-profile.ts';

/** The exit code that a process killed by SIGKILL leaves. */
export const KILLED = 137;

export type HollowContainer = {
  status: ContainerStatus;
  readonly behaviour: Behaviour;
  /** Ends it by itself. */
  end?: Timer;
  /** CPU that it has used, and when that was added up last. */
  used?: { readonly cpuMicros: number; readonly atMs: number };
};

export type HollowSandbox = { status: SandboxStatus; readonly behaviour: Behaviour; readonly logDirectory: string };

export class HollowState {
  readonly world: World;
  readonly profile: HollowProfile;
  readonly addresses: AddressPool;
  readonly sandboxes = new Map<string, HollowSandbox>();
  readonly containers = new Map<string, HollowContainer>();
  readonly images = new Map<string, ImageInfo>();
  readonly #listeners = new Set<AsyncQueue<RuntimeEvent>>();

  constructor(world: World, profile: HollowProfile, podCidr: string) {
    this.world = world;
    this.profile = profile;
    this.addresses = new AddressPool(podCidr);
  }

  container(id: string): HollowContainer {
    const found = this.containers.get(id);
    if (found === undefined) throw new RuntimeError('NotFound', `Cannot find container "${id}": no such container`);
    return found;
  }

  sandbox(id: string): HollowSandbox {
    const found = this.sandboxes.get(id);
    if (found === undefined) throw new RuntimeError('NotFound', `Cannot find sandbox "${id}": no such sandbox`);
    return found;
  }

  /** What takes no time is not waited for. */
  take(range: Range, signal?: AbortSignal): Promise<void> | undefined {
    const ms = pick(range, this.world);
    if (ms > 0) return this.world.clock.sleep(ms, signal);
    signal?.throwIfAborted();
    return undefined;
  }

  listen(): AsyncQueue<RuntimeEvent> {
    const queue = new AsyncQueue<RuntimeEvent>();
    this.#listeners.add(queue);
    queue.push({ type: 'Relist' });
    return queue;
  }

  leave(queue: AsyncQueue<RuntimeEvent>): void {
    queue[Symbol.dispose]();
    this.#listeners.delete(queue);
  }

  tell(event: RuntimeEvent): void {
    // One that has ended by itself takes no more.
    for (const queue of this.#listeners) if (!queue.push(event)) this.#listeners.delete(queue);
  }

  removeContainer(container: HollowContainer): void {
    const { id } = container.status;
    container.end?.[Symbol.dispose]();
    this.containers.delete(id);
    this.tell({ type: 'ContainerRemoved', id, atMs: this.world.clock.now() });
  }

  exit(container: HollowContainer, exitCode: number): void {
    if (container.status.state !== 'Running') return;
    container.end?.[Symbol.dispose]();
    const atMs = this.world.clock.now();
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    container.status = { ...container.status, state: 'Exited', finishedAtMs: atMs, exitCode, reason };
    this.tell({ type: 'ContainerExited', id: container.status.id, exitCode, atMs });
  }
}
