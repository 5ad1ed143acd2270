/** The nodes of a simulated cluster: agents on hollow runtimes, whose power can fail. */
import { Pod } from '#api/core/pod';
import { abortScope, type AbortScope } from '#base/abort';
import type { Informer } from '#client/informer';
import { createInformers } from '#client/informers';
import { inProcessClient } from '#client/in-process';
import { partedInformer } from '#client/parted-informer';
import { nodePodRange } from '#network/podnet/plan/ranges';
import type { HollowProfile } from '#node/runtime/hollow/hollow-profile';
import { createHollowRuntime } from '#node/runtime/hollow/hollow-runtime';
import type { SimulatedNode } from '#simulate/simulated-cluster';
import { hollowCorrelator, runHollowAgent } from './hollow-agent.ts';
import { nodeUser } from './identities.ts';
import type { Surroundings } from './surroundings.ts';
import type { VirtualCluster } from './virtual-cluster.ts';

const PODS = '100.64.0.0/10';
// Nothing is sent to a simulated node.
const NODE_IP = '127.0.0.1';

// A simulated machine does not change by itself, and a node that is not heard of for 50 seconds is lost.
const PACE = { renewMs: 20_000, lookMs: 120_000 };

type Known = { readonly node: SimulatedNode; readonly podCidr: string; life: AbortScope | undefined };

export class SimulatedNodes {
  readonly #cluster: VirtualCluster;
  readonly #surroundings: Surroundings;
  readonly #usageOf: HollowProfile['usageOf'];
  readonly #nodes = new Map<string, Known>();
  /** As the administrator: what every agent would read by itself is read once for all of them. */
  readonly #podsOf: (node: string) => Informer<Pod>;
  readonly #correlator = hollowCorrelator();

  constructor(cluster: VirtualCluster, surroundings: Surroundings, usageOf: HollowProfile['usageOf']) {
    this.#cluster = cluster;
    this.#surroundings = surroundings;
    this.#usageOf = usageOf;
    const valueOf = ({ spec }: Pod): string | undefined => spec.nodeName;
    const { logger } = surroundings;
    this.#podsOf = partedInformer(cluster.informers.for(Pod), { name: 'node', valueOf, logger });
  }

  async addAll(nodes: readonly SimulatedNode[]): Promise<void> {
    for (const node of nodes) await this.add(node);
  }

  /** Resolves when it is registered. */
  async add(node: SimulatedNode): Promise<void> {
    if (this.#nodes.get(node.name)?.life !== undefined)
      throw new RangeError(`Cannot add node "${node.name}": there is one`);
    const known: Known = { node, podCidr: nodePodRange(PODS, this.#nodes.size), life: undefined };
    this.#nodes.set(node.name, known);
    await this.#live(known);
  }

  readonly powerOff = (name: string): void => {
    const known = this.#nodes.get(name);
    known?.life?.[Symbol.dispose]();
    if (known !== undefined) known.life = undefined;
    this.#cluster.usage.delete(name);
  };

  readonly powerOn = (name: string): void => {
    const known = this.#nodes.get(name);
    if (known !== undefined && known.life === undefined) {
      this.#live(known).catch((error: unknown) => {
        if (!this.#surroundings.signal.aborted) throw error;
      });
    }
  };

  stop(): void {
    for (const name of this.#nodes.keys()) this.powerOff(name);
  }

  async #live(known: Known): Promise<void> {
    const life = abortScope(this.#surroundings.signal);
    known.life = life;
    const { name, labels, milliCores, memoryBytes, pods } = known.node;
    const client = inProcessClient(this.#cluster.handle, nodeUser(name));
    const inside = { ...this.#surroundings, signal: life.signal };
    const { informers } = this.#cluster;
    const own = createInformers({ client, ...inside });
    const runtime = createHollowRuntime({
      world: inside.world,
      podCidr: known.podCidr,
      profile: { usageOf: this.#usageOf },
    });
    const agent = await runHollowAgent(
      { name, ip: NODE_IP, podCidr: known.podCidr, labels, maxPods: pods, host: { cpuMilli: milliCores, memoryBytes } },
      {
        ...inside,
        client,
        informers: { ...own, for: (type) => informers.for(type) },
        pods: this.#podsOf(name),
        correlator: this.#correlator,
        runtime,
        pace: PACE,
      },
    );
    this.#cluster.usage.set(name, () => agent.usage());
  }
}
