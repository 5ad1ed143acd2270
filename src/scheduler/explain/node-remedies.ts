/** Puts remedies together into changes that get a pod onto some node that refuses it now, and keeps those that do. */
import type { Pod } from '#api/core/pod';
import type { Node } from '#api/types/core-v1';
import type { Change } from './change.ts';
import { groupNodes, type NodeGroup } from './node-groups.ts';
import { REMEDIES } from './remedies/by-plugin.ts';
import { NOTHING_MORE, type Refused, type Remedy } from './remedy.ts';
import type { Steps } from './steps.ts';
import { placedAfter, type Waiting } from './try-change.ts';
import { type NodeVerdict, startDomains } from './verdicts.ts';

// Beyond these, what is found gets no smaller, and finding takes long in large clusters.
const GROUPS_AT_MOST = 12;
const NODES_OF_A_GROUP = 2;
const TRIALS_AT_MOST = 40;
const CHANGES_AT_MOST = 6;

/** `way`: which of the choices it takes; the same for each node of a group. */
type Candidate = {
  readonly remedy: Remedy;
  readonly slot: number;
  /** Of the node in the slot. */
  readonly name: string;
  readonly group: NodeGroup;
  readonly way: number;
};

export function* planRemedies(waiting: Waiting, verdicts: readonly NodeVerdict[]): Steps<readonly Change[]> {
  const groups = groupNodes(verdicts, waiting.pod, waiting.state).slice(0, GROUPS_AT_MOST);
  // Where many pods wait, a change of one node of a group grows to the others.
  const nodesEach = waiting.alike.length === 0 ? NODES_OF_A_GROUP : 1;
  yield;
  const possible: Candidate[] = [];
  for (const group of groups) {
    for (const slot of group.slots.slice(0, nodesEach)) possible.push(...candidatesAt(waiting, group, slot));
    yield;
  }
  const candidates = possible.toSorted((left, right) => left.remedy.effort - right.remedy.effort);
  const changes: Change[] = [];
  const known = new Set<string>();
  const found: Candidate[] = [];
  for (const candidate of candidates.slice(0, TRIALS_AT_MOST)) {
    if (changes.length === CHANGES_AT_MOST) break;
    if (known.has(candidate.remedy.text) || found.some((other) => isTheSameWay(other, candidate))) continue;
    known.add(candidate.remedy.text);
    const change = yield* tried(waiting, candidate);
    if (change === undefined || changes.some((other) => asksTheSame(other, change))) continue;
    changes.push(change);
    found.push(candidate);
  }
  return changes;
}

/** What helps with one node of a group would help with the others, too: to say so once is enough. */
const isTheSameWay = (left: Candidate, right: Candidate): boolean =>
  left.group === right.group && left.way === right.way;

/** Of the pod alone, for whichever node. */
const asksTheSame = (left: Change, right: Change): boolean =>
  left.pod !== undefined &&
  left.nodes.length + right.nodes.length === 0 &&
  left.ends === undefined &&
  right.ends === undefined &&
  JSON.stringify(left.pod.spec) === JSON.stringify(right.pod?.spec) &&
  left.pod.metadata.labels === right.pod?.metadata.labels;

/** The cheapest way around all refusals of the node, and for each refusal what else could be done about it. */
function candidatesAt(waiting: Waiting, group: NodeGroup, slot: number): readonly Candidate[] {
  const node = waiting.state.nodeAt(slot);
  if (node === undefined) return [];
  const choices = group.refusals.map(({ plugin }) =>
    (REMEDIES[plugin]?.({ ...refusedAt(waiting, plugin, slot), node }) ?? []).toSorted(byEffort),
  );
  if (choices.some((each) => each.length === 0)) return [];
  const cheapest = choices.map(([first]) => first as Remedy);
  const others = choices.flatMap((choice, index) => choice.slice(1).map((each) => cheapest.with(index, each)));
  return [cheapest, ...others].map((remedies, way) => ({
    remedy: together(remedies),
    slot,
    name: node.metadata.name,
    group,
    way,
  }));
}

const byEffort = (left: Remedy, right: Remedy): number => left.effort - right.effort;

function refusedAt({ state, profile, pod }: Waiting, name: string, slot: number): Omit<Refused, 'node'> {
  const plugin = profile.filters.find((each) => each.name === name);
  const refuses = (other: Pod): boolean => {
    const filter = plugin?.filter?.(other, state);
    if (filter === undefined) return false;
    if ('because' in filter) return true;
    startDomains(filter);
    const refusal = filter.verdict(slot);
    filter.domains?.release();
    return refusal !== undefined;
  };
  return { state, pod, slot, refuses };
}

// Two things to do are more than twice as much as one.
const EFFORT_OF_EACH_MORE = 1;

function together(all: readonly Remedy[]): Remedy {
  const remedies = all.filter((remedy) => remedy !== NOTHING_MORE);
  const [first, ...others] = remedies;
  if (first === undefined || others.length === 0) return first as Remedy;
  const ofPod = remedies.flatMap(({ pod }) => pod ?? []);
  const ofNode = remedies.flatMap(({ node }) => node ?? []);
  const ends = remedies.flatMap((remedy) => remedy.ends ?? []);
  return {
    text: remedies.map(({ text }) => text).join(', and '),
    effort: remedies.reduce((sum, { effort }) => sum + effort, EFFORT_OF_EACH_MORE * others.length),
    ...(ofPod.length === 0 ? {} : { pod: (pod: Pod) => ofPod.reduce((changed, change) => change(changed), pod) }),
    ...(ofNode.length === 0 ? {} : { node: (node: Node) => ofNode.reduce((changed, change) => change(changed), node) }),
    ...(ends.length === 0 ? {} : { ends }),
  };
}

function* tried(waiting: Waiting, { remedy, slot, group, name }: Candidate): Steps<Change | undefined> {
  // Meanwhile the slot may have become another node's.
  if (waiting.state.nameAt(slot) !== name) return undefined;
  const one = withNodes(waiting, remedy, [slot]);
  yield;
  if (one === undefined || one.places > waiting.alike.length || remedy.node === undefined) return one;
  // More pods than one node takes: what helps with it may help with others like it.
  const others = group.slots.filter((each) => each !== slot);
  for (let more = 1; more <= others.length; more = Math.min(more * 2, others.length + Number(more === others.length))) {
    const several = withNodes(waiting, remedy, [slot, ...others.slice(0, more)]);
    if (several !== undefined && several.places > waiting.alike.length) return several;
    yield;
  }
  return one;
}

function withNodes(
  waiting: Waiting,
  { text, effort, pod, node, ends }: Remedy,
  slots: readonly number[],
): Change | undefined {
  const { state } = waiting;
  const befores = node === undefined ? [] : slots.flatMap((slot) => state.nodeAt(slot) ?? []);
  const nodes = befores.map((before) => ({ before, after: node?.(before) ?? before }));
  const places = placedAfter(waiting, {
    ...(pod && { pod }),
    nodes: nodes.map(({ after }) => after),
    ...(ends && { ends }),
  });
  if (places === 0) return undefined;
  return {
    text: slots.length === 1 ? text : `${text}, and do the same with ${namesOf(slots.slice(1), waiting)}`,
    effort: effort + slots.length - 1,
    places,
    ...(pod && { pod: pod(waiting.pod) }),
    nodes,
    ...(ends && { ends }),
  };
}

const NAMES_AT_MOST = 3;

function namesOf(slots: readonly number[], { state }: Waiting): string {
  const names = slots.slice(0, NAMES_AT_MOST).map((slot) => state.nameAt(slot));
  const left = slots.length - names.length;
  return left === 0 ? names.join(', ') : `${names.join(', ')} and ${left} more`;
}
