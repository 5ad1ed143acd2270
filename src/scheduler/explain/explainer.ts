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
import type { Change } from './change.ts';
import { explainPlaced, explainWaiting } from './explain-pod.ts';
import type { Waiting } from './try-change.ts';

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
const NODES_LOOKED_AT_PER_SECOND = 20_000;
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

  explain(pod: Pod): PodExplanation {
    const { nodeName = '' } = pod.spec;
    const profile = this.#view.profileFor(pod);
    if (nodeName !== '') return { ...outline(pod), ...this.#placed(pod, profile) };
    if (isTerminal(pod)) return outline(pod);
    if (profile === undefined) return { ...outline(pod), ...this.#unclaimed(pod) };
    const waiting = { state: this.#view.state, profile, pod, alike: this.#alike(pod) };
    const { message, refusals, changes } = explainWaiting(waiting);
    const nodes = this.#view.state.nodeCount;
    const found = { refusals, nodes, waiting: waiting.alike.length + 1, changes: changes.map(explained(waiting)) };
    return { ...outline(pod), why: whyNotFine(pod) || message, message: toldOf(pod) ?? message, ...found };
  }

  /** Why, and with what is known or quickly found out of what to do: for tables of many pods. */
  brief(pod: Pod): PodExplanation {
    const change = whyNotFine(pod) === '' || (pod.spec.nodeName ?? '') !== '' ? undefined : this.#hint(pod);
    return { ...outline(pod), nodes: this.#view.state.nodeCount, changes: change === undefined ? [] : [change] };
  }

  #hint(pod: Pod): ExplainedChange | undefined {
    const message = toldOf(pod) ?? '';
    const key = ownerOf(pod) ?? pod.metadata.uid;
    const known = this.#hints.get(key);
    const nowMs = this.#world.clock.now();
    if (known?.message === message && nowMs - known.atMs < HINT_LIVES_MS) return known.change;
    if (!this.#mayLook(nowMs)) return known?.change;
    const [change] = this.explain(pod).changes;
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

  #placed(pod: Pod, profile: Profile | undefined): Partial<PodExplanation> {
    const { state } = this.#view;
    if (profile === undefined || state.podOf(pod.metadata.uid) === undefined) return { nodes: state.nodeCount };
    return { nodes: state.nodeCount, ...explainPlaced(state, profile, pod) };
  }

  #unclaimed(pod: Pod): Partial<PodExplanation> {
    const wanted = pod.spec.schedulerName ?? '';
    const [name = ''] = this.#view.schedulerNames;
    const other: Pod = { ...pod, spec: { ...pod.spec, schedulerName: name } };
    const rest = this.explain(other);
    const text = `let scheduler ${name} place the pod (schedulerName)`;
    const why = `no scheduler called ${wanted} runs here`;
    const direct = { text, effort: 0, places: 1, pod: other, nodes: [] };
    return {
      why,
      message: why,
      nodes: rest.nodes,
      refusals: rest.refusals,
      changes:
        rest.changes.length === 0
          ? [explained({ pod })(direct)]
          : rest.changes.map((change) => ({
              ...change,
              summary: `${text}, and ${change.summary}`,
            })),
    };
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

const explained =
  ({ pod }: Pick<Waiting, 'pod'>) =>
  (change: Change): ExplainedChange => ({
    summary: change.text,
    places: change.places,
    edits: [...podEdit(pod, change.pod), ...change.nodes.map(nodeEdit)],
  });

function podEdit(before: Pod, after: Pod | undefined): readonly ExplainedEdit[] {
  if (after === undefined) return [];
  const { name, namespace } = before.metadata;
  const part = ({ metadata: { labels }, spec }: Pod): object => ({ metadata: { labels }, spec });
  const patch = mergePatchBetween(part(before), part(after));
  return [{ kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, patch }];
}

function nodeEdit({ before, after }: { readonly before?: Node; readonly after: Node }): ExplainedEdit {
  const { name, labels } = after.metadata;
  if (before === undefined) {
    const { apiVersion, kind, spec, status } = after;
    return { kind: 'Node', name, create: { apiVersion, kind, metadata: { name, labels }, spec, status } };
  }
  const part = ({ metadata, spec }: Node): object => ({ metadata: { labels: metadata.labels }, spec });
  return { kind: 'Node', name, patch: mergePatchBetween(part(before), part(after)) };
}
