/** Answers why pods are where they are, or have no node, from the running scheduler's own view of the cluster. */
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { whyNotFine } from '#api/core/pod/why';
import { type ExplainedChange, type ExplainedEdit, PodExplanation } from '#api/explain/pod-explanation';
import { mergePatchBetween } from '#api/meta/merge-patch-between';
import { findCondition } from '#api/meta/conditions';
import type { Node } from '#api/types/core-v1';
import type { World } from '#base/world';
import type { Profile } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Change, Creatable } from './change.ts';
import { explainPlaced, explaining } from './explain-pod.ts';
import { atOnce, inTurns, type Steps } from './steps.ts';

/** What a running scheduler lets others look at. It is looked at between two of its decisions, and left as it was. */
export type SchedulingView = {
  readonly state: ClusterState;
  readonly schedulerNames: readonly string[];
  /** The plugins that would place the pod now; undefined when it is another scheduler's. */
  profileFor(pod: Pod): Profile | undefined;
  /** The pods that were refused or are held back. */
  waiting(): Iterable<Pod>;
};

type Options = { readonly view: SchedulingView; readonly world: World };

type Hint = { readonly message: string; readonly atMs: number; readonly change: ExplainedChange | undefined };

// A table of many pods must not keep the scheduler from its work.
const NODES_LOOKED_AT_PER_SECOND = 5_000;
const HINT_LIVES_MS = 10_000;
const HINTS_AT_MOST = 2000;

// Enough to say how many nodes are missing; a thousand more would say nothing else.
const ALIKE_AT_MOST = 200;

export class PodExplainer {
  readonly #view: SchedulingView;
  readonly #world: World;
  readonly #hints = new Map<string, Hint>();
  #second = 0;
  #looked = 0;

  constructor({ view, world }: Options) {
    this.#view = view;
    this.#world = world;
  }

  /** In turns, so that nobody waits for it longer than a step takes. */
  explain(pod: Pod): Promise<PodExplanation> {
    return inTurns(this.#explaining(pod));
  }

  *#explaining(pod: Pod): Steps<PodExplanation> {
    const { nodeName = '' } = pod.spec;
    if (nodeName !== '') return { ...outline(pod), ...this.#placed(pod) };
    if (isTerminal(pod)) return outline(pod);
    const profile = this.#view.profileFor(pod);
    if (profile === undefined) return { ...outline(pod), ...(yield* this.#unclaimed(pod)) };
    const alike = this.#alike(pod);
    const { message, refusals, changes } = yield* explaining({ state: this.#view.state, profile, pod, alike });
    return {
      ...outline(pod),
      why: whyNotFine(pod) || message,
      message: toldOf(pod) ?? message,
      waiting: alike.length + 1,
      nodes: this.#view.state.nodeCount,
      refusals,
      changes: changes.map((change) => explained(pod, change)),
    };
  }

  /** Why, and with what is known or quickly found out of what to do: for tables of many pods. */
  brief(pod: Pod): PodExplanation {
    const why = this.#why(pod);
    const { nodeCount: nodes } = this.#view.state;
    const change = why === '' || (pod.spec.nodeName ?? '') !== '' || isTerminal(pod) ? undefined : this.#hint(pod);
    return { ...outline(pod), why, nodes, changes: change === undefined ? [] : [change] };
  }

  #why(pod: Pod): string {
    const isWaiting = (pod.spec.nodeName ?? '') === '' && !isTerminal(pod);
    const said = whyNotFine(pod);
    if (said !== '' || !isWaiting || this.#view.profileFor(pod) !== undefined) return said;
    return unclaimed(pod);
  }

  #hint(pod: Pod): ExplainedChange | undefined {
    const message = toldOf(pod) ?? '';
    const key = ownerOf(pod) ?? pod.metadata.uid;
    const known = this.#hints.get(key);
    const nowMs = this.#world.clock.now();
    if (known?.message === message && nowMs - known.atMs < HINT_LIVES_MS) return known.change;
    if (!this.#mayLook(nowMs)) return known?.change;
    const [change] = atOnce(this.#explaining(pod)).changes;
    if (this.#hints.size >= HINTS_AT_MOST) this.#hints.clear();
    this.#hints.set(key, { message, atMs: nowMs, change });
    return change;
  }

  #mayLook(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) this.#looked = 0;
    this.#second = second;
    if (this.#looked >= NODES_LOOKED_AT_PER_SECOND) return false;
    this.#looked += this.#view.state.nodeCount + 100;
    return true;
  }

  #placed(pod: Pod): Partial<PodExplanation> {
    const { state } = this.#view;
    const profile = this.#view.profileFor(pod);
    if (profile === undefined || state.podOf(pod.metadata.uid) === undefined) return { nodes: state.nodeCount };
    return { nodes: state.nodeCount, ...explainPlaced(state, profile, pod) };
  }

  /** As it would be if a scheduler that is here were asked. */
  *#unclaimed(pod: Pod): Steps<Partial<PodExplanation>> {
    const [name = ''] = this.#view.schedulerNames;
    const adopted: Pod = { ...pod, spec: { ...pod.spec, schedulerName: name } };
    const profile = this.#view.profileFor(adopted);
    const why = unclaimed(pod);
    if (profile === undefined) return { why, message: why };
    const { state } = this.#view;
    const { refusals, changes } = yield* explaining({ state, profile, pod: adopted, alike: [] });
    const text = `let scheduler ${name} place the pod (schedulerName)`;
    const rest = changes.map((change) => ({
      ...change,
      text: `${text}, and ${change.text}`,
      pod: change.pod ?? adopted,
    }));
    const all = rest.length > 0 ? rest : [{ text, effort: 0, places: 1, pod: adopted, nodes: [] }];
    return { why, message: why, nodes: state.nodeCount, refusals, changes: all.map((each) => explained(pod, each)) };
  }

  /** Others that the same controller made and that wait, too. */
  #alike(pod: Pod): readonly Pod[] {
    const owner = ownerOf(pod);
    if (owner === undefined) return [];
    const found: Pod[] = [];
    for (const each of this.#view.waiting()) {
      if (each.metadata.uid === pod.metadata.uid || ownerOf(each) !== owner) continue;
      found.push(each);
      if (found.length === ALIKE_AT_MOST) break;
    }
    return found;
  }
}

const unclaimed = ({ spec }: Pod): string => `no scheduler called ${spec.schedulerName ?? ''} runs here`;

const ownerOf = ({ metadata: { ownerReferences = [] } }: Pod): string | undefined =>
  ownerReferences.find(({ controller }) => controller === true)?.uid;

/** What the scheduler last said of the pod. */
function toldOf({ status = {} }: Pod): string | undefined {
  const { status: scheduled, message } = findCondition(status.conditions, 'PodScheduled') ?? {};
  return scheduled === 'False' ? message : undefined;
}

function outline(pod: Pod): PodExplanation {
  const { name, namespace, uid, creationTimestamp, resourceVersion, labels } = pod.metadata;
  const nodeName = pod.spec.nodeName ?? '';
  return {
    apiVersion: PodExplanation.apiVersion,
    kind: PodExplanation.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
      ...(labels === undefined ? {} : { labels }),
    },
    why: whyNotFine(pod),
    phase: pod.status?.phase ?? '',
    ...(nodeName === '' ? {} : { nodeName }),
    nodes: 0,
    refusals: [],
    changes: [],
    scores: [],
  };
}

/** @param pod as it is now */
const explained = (pod: Pod, change: Change): ExplainedChange => ({
  summary: change.text,
  places: change.places,
  edits: [
    ...podEdit(pod, change.pod),
    ...change.nodes.map(nodeEdit),
    ...(change.ends ?? []).map(endEdit),
    ...(change.creates ?? []).map(createEdit),
  ],
});

function podEdit(before: Pod, after: Pod | undefined): readonly ExplainedEdit[] {
  if (after === undefined) return [];
  const { name, namespace } = before.metadata;
  const part = ({ metadata: { labels }, spec }: Pod): object => ({ metadata: { labels }, spec });
  const patch = mergePatchBetween(part(before), part(after));
  return [{ kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, patch }];
}

const endEdit = ({ metadata: { name, namespace } }: Pod): ExplainedEdit => ({
  kind: 'Pod',
  ...(namespace === undefined ? {} : { namespace }),
  name,
  remove: true,
});

const createEdit = (create: Creatable): ExplainedEdit => {
  const { name, namespace } = create.metadata;
  return { kind: create.kind, ...(namespace === undefined ? {} : { namespace }), name, create };
};

function nodeEdit({ before, after }: { readonly before?: Node; readonly after: Node }): ExplainedEdit {
  const { name, labels } = after.metadata;
  if (before === undefined) {
    const { apiVersion, kind, spec, status } = after;
    return { kind: 'Node', name, create: { apiVersion, kind, metadata: { name, labels }, spec, status } };
  }
  const part = ({ metadata, spec }: Node): object => ({ metadata: { labels: metadata.labels }, spec });
  return { kind: 'Node', name, patch: mergePatchBetween(part(before), part(after)) };
}
