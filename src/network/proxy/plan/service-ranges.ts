/** Decides which ranges of service addresses the node answers for: the cluster's own, and those of users that disturb nothing. Pure. */
import { formatRange, isIpv4Range, overlaps, parseRange, type Range } from '../../plan/ipv4.ts';

export type Surroundings = {
  /** The cluster's own range, which is routed anyway. */
  readonly own: string;
  readonly podCidr: string;
  /** What the machine has addresses in or routes to, our own routes among them. */
  readonly taken: readonly string[];
  /** Ranges of users that the node answers for already. */
  readonly answered: readonly string[];
};

export type Refusal = { readonly range: string; readonly why: string };

export type RangePlan = {
  /** Ranges of users, none within another. */
  readonly added: readonly string[];
  /** All ranges, none within another. */
  readonly all: readonly string[];
  readonly refused: readonly Refusal[];
};

// Larger ones are no networks of a cluster: a node that answered for one would be cut off.
const FEWEST_BITS = 8;

// Of the machine itself and of groups of machines, whatever its routes say.
const NEVER = ['127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'];

/** `asked`: what users made, of whatever address family. */
export function planServiceRanges(asked: readonly string[], surroundings: Surroundings): RangePlan {
  const { own } = surroundings;
  const ownRange = parseRange(own);
  const wanted = asked.filter(isIpv4Range).map(parseRange);
  const judged = wanted.map((range) => ({ range, why: problemOf(range, surroundings) }));
  const fine = judged.filter(({ range, why }) => why === undefined && !isWithin(range, ownRange));
  const added = outermost(fine.map(({ range }) => range));
  return {
    added: added.map(formatRange),
    all: outermost([ownRange, ...added]).map(formatRange),
    refused: judged.flatMap(({ range, why }) => (why === undefined ? [] : [{ range: formatRange(range), why }])),
  };
}

function problemOf(range: Range, { own, podCidr, taken, answered }: Surroundings): string | undefined {
  if (range.bits < FEWEST_BITS) return `it is larger than a /${FEWEST_BITS}`;
  const ours = [own, podCidr, ...answered].map(parseRange);
  const others = taken
    .map(parseRange)
    .filter((other) => other.bits > 0) // a default route leads everywhere and takes nothing
    .filter((other) => !ours.some((known) => isWithin(other, known)));
  const inTheWay = [podCidr, ...NEVER, ...others.map(formatRange)].find((other) => overlaps(parseRange(other), range));
  return inTheWay === undefined ? undefined : `it overlaps ${inTheWay}, which is in use on this machine`;
}

const isWithin = (inner: Range, outer: Range): boolean => inner.bits >= outer.bits && overlaps(inner, outer);

function outermost(ranges: readonly Range[]): readonly Range[] {
  const each = [...new Map(ranges.map((range) => [formatRange(range), range])).values()];
  return each.filter((range) => !each.some((other) => other.bits < range.bits && overlaps(other, range)));
}
