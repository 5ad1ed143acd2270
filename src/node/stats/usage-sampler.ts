/** Reads what everything on the node uses, often while somebody asks and rarely while nobody does. */
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Runtime, SandboxStats } from '../runtime/runtime.ts';
import { UsageSeries } from './usage-series.ts';
import type { ContainerUsage, NodeUsage, PodUsage, Reading } from './usage.ts';

export type UsageSamplerOptions = {
  readonly runtime: Runtime;
  readonly world: World;
  readonly logger: Logger;
  /** Of the machine as a whole. */
  readonly readNode: (atMs: number) => Reading;
};

type Pod = Omit<PodUsage, 'containers'> & { readonly containers: Map<string, Container> };
type Container = { readonly name: string; readonly series: UsageSeries };

const OFTEN_MS = 1_000;
const RARELY_MS = 10_000;
const INTEREST_MS = 120_000;

export class UsageSampler {
  readonly #options: UsageSamplerOptions;
  readonly #node = new UsageSeries();
  #pods: ReadonlyMap<string, Pod> = new Map();
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: UsageSamplerOptions) {
    this.#options = options;
  }

  usage(): NodeUsage {
    this.#askedAtMs = this.#options.world.clock.now();
    const node = this.#node.usage();
    const pods = [...this.#pods.values()].flatMap(podUsage);
    return { ...(node === undefined ? {} : { node }), pods };
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { world, logger } = this.#options;
    while (!signal.aborted) {
      try {
        await this.sample();
      } catch (error) {
        logger.warn('cannot read what containers use', { error: asError(error) });
      }
      await world.clock.sleep(this.#pauseMs(), signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  // A rate needs two readings: what has just begun is read again soon, so that whoever asks next is told.
  #pauseMs(): number {
    if (this.#options.world.clock.now() - this.#askedAtMs < INTEREST_MS) return OFTEN_MS;
    const containers = this.#pods.values().flatMap((pod) => pod.containers.values());
    return containers.some(({ series }) => series.usage() === undefined) ? OFTEN_MS : RARELY_MS;
  }

  async sample(): Promise<void> {
    const { runtime, world, readNode } = this.#options;
    const stats = await runtime.stats();
    this.#pods = new Map(stats.map((each) => [each.id, this.#take(each)]));
    this.#node.add(readNode(world.clock.now()));
  }

  #take({ id, metadata, containers }: SandboxStats): Pod {
    const known = this.#pods.get(id)?.containers;
    const { namespace, name, uid } = metadata;
    const taken = containers.map((container): readonly [string, Container] => {
      const { series } = known?.get(container.id) ?? { series: new UsageSeries() };
      series.add(container);
      return [container.id, { name: container.name, series }];
    });
    return { namespace, name, uid, containers: new Map(taken) };
  }
}

function podUsage({ containers, ...pod }: Pod): readonly PodUsage[] {
  const measured = [...containers.values()].flatMap(({ name, series }): readonly ContainerUsage[] => {
    const usage = series.usage();
    return usage === undefined ? [] : [{ name, ...usage }];
  });
  return measured.length === 0 ? [] : [{ ...pod, containers: measured }];
}
