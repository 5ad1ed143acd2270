/** Has the node answer for the ranges of service addresses that users make: their routes, and the words about those that cannot be. */
import { ServiceCIDR } from '#api/networking/service-cidr';
import type { Logger } from '#base/log';
import type { Informer, Informers } from '#client/informer';
import { takenRanges } from '../podnet/machine.ts';
import { planRangeRoutes, type NodeRoutes } from '../podnet/plan/routes.ts';
import { runCommand } from '../run-command.ts';
import { planServiceRanges } from './plan/service-ranges.ts';
import { RANGES_SET, tableName } from './plan/skeleton.ts';

export type RangesContext = {
  readonly informers: Informers;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly node: NodeRoutes & { readonly clusterId: string };
};

export class ServiceRanges {
  readonly objects: Informer<ServiceCIDR>;
  readonly #context: RangesContext;
  #routed: readonly string[] | undefined;
  #wanted: readonly string[] = [];

  constructor(context: RangesContext) {
    this.#context = context;
    this.objects = context.informers.for(ServiceCIDR);
  }

  /** Takes back the routes that are no longer wanted; tells which ranges the rules are about from now on. */
  async plan(): Promise<readonly string[]> {
    const { node, signal, logger } = this.#context;
    this.#routed ??= (await rangesInKernel(node.clusterId, signal)).filter((range) => range !== node.serviceCidr);
    const asked = this.objects.list().flatMap(({ spec }) => spec.cidrs ?? []);
    const { podCidr, serviceCidr: own } = node;
    const around = { own, podCidr, taken: await takenRanges(), answered: this.#routed };
    const { added, all, refused } = planServiceRanges(asked, around);
    for (const { range, why } of refused) logger.warn('a range of service addresses is not routed', { range, why });
    await this.#unroute(this.#routed.filter((range) => !added.includes(range)));
    this.#wanted = added;
    return all;
  }

  /** Adds the routes that are missing, once the rules that refuse what no service has are in the kernel. */
  async route(): Promise<void> {
    const { node, signal } = this.#context;
    const missing = this.#wanted.filter((range) => this.#routed?.includes(range) !== true);
    if (missing.length > 0) await runRoutes(planRangeRoutes(missing, node).add, signal);
    this.#routed = this.#wanted;
  }

  async #unroute(ranges: readonly string[]): Promise<void> {
    const { node, signal } = this.#context;
    if (ranges.length > 0) await withdrawRoutes(ranges, node, signal);
    this.#routed = this.#routed?.filter((range) => !ranges.includes(range));
  }
}

/** Takes back what `ServiceRanges` has routed, also what is gone already. */
export async function withdrawRoutes(
  ranges: readonly string[],
  node: Pick<NodeRoutes, 'nodeIp' | 'dnsIp'>,
  signal: AbortSignal,
): Promise<void> {
  await runRoutes(planRangeRoutes(ranges, node).remove, signal, '-force').catch(() => signal.throwIfAborted());
}

async function runRoutes(lines: readonly string[], signal: AbortSignal, ...flags: readonly string[]): Promise<void> {
  await runCommand(['ip', ...flags, '-batch', '-'], { input: `${lines.join('\n')}\n`, signal });
}

type Member = string | { readonly prefix: { readonly addr: string; readonly len: number } };
type Listed = { readonly nftables: readonly { readonly set?: { readonly elem?: readonly Member[] } }[] };

/** The ranges that the node answers for; none when there is no table. */
export async function rangesInKernel(clusterId: string, signal: AbortSignal): Promise<readonly string[]> {
  const command = ['nft', '-j', 'list', 'set', 'ip', tableName(clusterId), RANGES_SET] as const;
  const printed = await runCommand([...command], { signal }).catch(() => '');
  signal.throwIfAborted();
  return rangesIn(printed);
}

/** What `nft -j list set` printed, as ranges. */
export function rangesIn(printed: string): readonly string[] {
  if (printed === '') return [];
  const elements = (JSON.parse(printed) as Listed).nftables.flatMap(({ set }) => set?.elem ?? []);
  return elements.map((member) =>
    typeof member === 'string' ? `${member}/32` : `${member.prefix.addr}/${member.prefix.len}`,
  );
}
