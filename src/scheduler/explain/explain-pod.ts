/** Why a pod has no node, and what is the least that would get it one; or why it is where it is. */
import type { Pod } from '#api/core/pod';
import { placePod } from '../framework/place.ts';
import { explainRefusal } from '../framework/placement.ts';
import type { Profile } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { byWorth, type Change } from './change.ts';
import { lowerForAll } from './lower-for-all.ts';
import { type NodeScores, scoreNodes } from './node-scores.ts';
import { planNewNodes } from './new-nodes.ts';
import { planVolumesOnNode } from './new-volumes.ts';
import { planRemedies } from './node-remedies.ts';
import { planPodRemedies } from './pod-remedies.ts';
import { withSpec } from './remedy.ts';
import { atOnce, type Steps } from './steps.ts';
import { placedAfter, type Waiting } from './try-change.ts';
import { type NodeVerdict, verdictsOn } from './verdicts.ts';

/** Nodes that a plugin refuses for the same reason, also where another plugin refused them first. */
export type RefusedNodes = {
  readonly plugin: string;
  readonly reason: string;
  readonly nodes: number;
  readonly examples: readonly string[];
};

export type WaitingExplanation = {
  /** As upstream words it. */
  readonly message: string;
  readonly refusals: readonly RefusedNodes[];
  /** The best first; each was tried. */
  readonly changes: readonly Change[];
};

const CHANGES_AT_MOST = 5;
const EXAMPLES_AT_MOST = 3;

export const explainWaiting = (waiting: Waiting): WaitingExplanation => atOnce(explaining(waiting));

/** In steps, between which the cluster may change: what was found by then is as good as it was. */
export function* explaining(waiting: Waiting): Steps<WaitingExplanation> {
  const { state, profile, pod } = waiting;
  const gates = pod.spec.schedulingGates ?? [];
  if (gates.length > 0) return yield* explainGated(waiting);
  const placement = placePod(state, pod, { profile, draw: 0 });
  const verdicts = verdictsOn(state, profile, pod);
  // It is about to be placed: nothing needs to be done.
  if (placement.placed) return { message: '', refusals: grouped(verdicts, state), changes: [] };
  const { because } = placement;
  const refusals = grouped(verdicts, state);
  const message = explainRefusal(placement);
  yield;
  const changes = because === undefined ? yield* changesFor(waiting, verdicts) : planPodRemedies(waiting, because);
  return { message, refusals, changes };
}

function* changesFor(waiting: Waiting, verdicts: readonly NodeVerdict[]): Steps<readonly Change[]> {
  const remedies = yield* planRemedies(waiting, verdicts);
  const lowered = yield* lowerForAll(waiting, verdicts);
  const added = yield* planNewNodes(waiting);
  yield;
  const volumes = planVolumesOnNode(waiting, verdicts);
  return [...remedies, ...lowered, ...added, ...volumes].toSorted(byWorth).slice(0, CHANGES_AT_MOST);
}

/** Without its gates the pod may still find no node: then the change takes both. */
function* explainGated(waiting: Waiting): Steps<WaitingExplanation> {
  const { pod } = waiting;
  const names = (pod.spec.schedulingGates ?? []).map(({ name }) => name);
  const open = (each: Pod): Pod => withSpec(each, { schedulingGates: [] });
  const text = `remove the scheduling ${names.length === 1 ? 'gate' : 'gates'} ${names.join(', ')} from the pod`;
  const gate: Change = { text, effort: 1, places: placedAfter(waiting, { pod: open }), pod: open(pod), nodes: [] };
  const message = 'Scheduling is blocked due to non-empty scheduling gates';
  if (gate.places > 0) return { message, refusals: [], changes: [gate] };
  const rest = yield* explaining({ ...waiting, pod: open(pod), alike: waiting.alike.map(open) });
  const changes = rest.changes.map((change) => ({
    ...change,
    text: `${text}, and ${change.text}`,
    effort: gate.effort + change.effort + 1,
    pod: change.pod ?? open(pod),
  }));
  return { message, refusals: rest.refusals, changes };
}

function grouped(verdicts: readonly NodeVerdict[], state: ClusterState): readonly RefusedNodes[] {
  const groups = new Map<string, { plugin: string; reason: string; nodes: number; examples: string[] }>();
  for (const { slot, refusals } of verdicts)
    for (const { plugin, refusal } of refusals)
      for (const reason of refusal.reasons) {
        const key = `${plugin} ${reason}`;
        const group = groups.get(key) ?? { plugin, reason, nodes: 0, examples: [] };
        group.nodes++;
        if (group.examples.length < EXAMPLES_AT_MOST) group.examples.push(state.nameAt(slot));
        groups.set(key, group);
      }
  return [...groups.values()].toSorted((left, right) => right.nodes - left.nodes);
}

export type PlacedExplanation = {
  /** How the nodes that would do are scored now, without the pod: its own and the best others. */
  readonly scores: readonly NodeScores[];
  /** Nodes that are refused now. */
  readonly refusals: readonly RefusedNodes[];
};

const RUNNERS_UP = 4;

export function explainPlaced(state: ClusterState, profile: Profile, pod: Pod): PlacedExplanation {
  const { nodeName = '', ...spec } = pod.spec;
  const loose: Pod = { ...pod, spec };
  return state.whatIf({ removePods: [pod] }, () => {
    const scores = scoreNodes(state, profile, loose).toSorted(
      (left, right) => right.total - left.total || (left.node < right.node ? -1 : 1),
    );
    const own = scores.filter(({ node }) => node === nodeName);
    const others = scores.filter(({ node }) => node !== nodeName).slice(0, RUNNERS_UP);
    return { scores: [...own, ...others], refusals: grouped(verdictsOn(state, profile, loose), state) };
  });
}
