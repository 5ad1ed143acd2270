/** The elements of one front: what its tables hold about it. */
import { assignSlots } from './slots.ts';
import { frontKey, targetText, type Front, type FrontTable } from './front.ts';

/** One element of a map or set of ours; in a set the value is empty. */
export type Element = { readonly map: string; readonly key: string; readonly value: string };

export type FrontElements = {
  readonly elements: readonly Element[];
  /** The chain that balances over so many endpoints; many fronts share one. */
  readonly chain?: BalancingChain;
  readonly slots: readonly string[];
};

export type BalancingChain = {
  readonly name: string;
  readonly table: FrontTable;
  readonly size: number;
  readonly affinitySeconds?: number;
};

/** `previous` are the endpoints by number that the front had before. */
export function frontElements(front: Front, previous: readonly string[]): FrontElements {
  const slots = assignSlots(previous, front.targets.map(targetText));
  const key = frontKey(front);
  if (slots.length === 0) return { slots, elements: [...emptyElements(front, key), ...sourceElements(front, key)] };
  const chain = chainFor(front, slots.length);
  const elements: Element[] = [{ map: front.table, key, value: `goto ${chain.name}` }];
  if (front.affinitySeconds === undefined) elements.push(...freeElements(front.table, key, slots));
  else elements.push(...stickyElements(front.table, key, slots));
  elements.push(...sourceElements(front, key));
  return { slots, chain, elements };
}

function emptyElements({ table, whenEmpty }: Front, key: string): readonly Element[] {
  if (whenEmpty === 'drop') return [{ map: table, key, value: 'drop' }];
  if (table === 'vips') return [{ map: 'refused_vips', key, value: '' }];
  if (table === 'ports') return [{ map: 'refused_ports', key, value: '' }];
  return []; // a stranger goes on to the front for everybody, which is as empty and refuses
}

function sourceElements({ table, sources }: Front, key: string): readonly Element[] {
  if (table !== 'vips' || sources === undefined) return [];
  const allowed = sources.map((range) => ({ map: 'allowed_sources', key: `${key} . ${range}`, value: '' }));
  return [{ map: 'guarded_vips', key, value: '' }, ...allowed];
}

function chainFor({ table, affinitySeconds }: Front, size: number): BalancingChain {
  const name = `${table}_${size}`;
  if (affinitySeconds === undefined) return { name, table, size };
  return { name: `${name}_${affinitySeconds}`, table, size, affinitySeconds };
}

function freeElements(table: FrontTable, key: string, slots: readonly string[]): readonly Element[] {
  return slots.map((target, slot) => ({ map: `${table}_targets`, key: `${key} . ${slot}`, value: target }));
}

// What a client is remembered with must outlive renumbering: a mark made from the endpoint's address, not its number.
function stickyElements(table: FrontTable, key: string, slots: readonly string[]): readonly Element[] {
  const marks = targetMarks(slots);
  return slots.flatMap((target, slot) => {
    const mark = marks.get(target) ?? '';
    return [
      { map: `${table}_marks`, key: `${key} . ${slot}`, value: mark },
      { map: `${table}_marked`, key: `${key} . ${mark}`, value: target },
    ];
  });
}

/** Marks a packet whose endpoint was chosen by mark; the rules that follow take it off again. */
export const CHOSEN_BIT = 0x2000_0000;
const MARK_BITS = 0xff_ffff;

/** A mark for each target, the same whenever it is computed unless two hash alike. */
function targetMarks(targets: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const marks = new Map<string, string>();
  for (const target of targets.toSorted()) {
    let mark = hash(target) & MARK_BITS;
    while (taken.has(mark)) mark = (mark + 1) & MARK_BITS;
    taken.add(mark);
    marks.set(target, `0x${(CHOSEN_BIT + mark).toString(16)}`);
  }
  return marks;
}

// FNV-1a, folded.
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x0100_0193);
  return (value ^ (value >>> 24)) >>> 0;
}
