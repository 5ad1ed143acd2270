/** Which nodes to add, and how many, so that waiting pods are placed. */
import { podRequests } from '#api/core/pod-resources';
import type { Pod } from '#api/core/pod';
import { parseQuantity, wholeUnits } from '#api/meta/quantity';
import type { Node } from '#api/types/core-v1';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Change } from './change.ts';
import { neededLabels, relabelled } from './remedies/node-labels.ts';
import { written } from './remedies/requests.ts';
import { labelsForVolumes } from './remedies/volume-places.ts';
import type { Steps } from './steps.ts';
import { placedAfter, type Waiting } from './try-change.ts';
import { inQuotes, withLabels } from './remedy.ts';

type Labels = Readonly<Record<string, string>>;

const KINDS_AT_MOST = 8;
const NODES_AT_MOST = 500;
const EFFORT = { known: 5, new: 7 };

/** The kinds of nodes that do with the fewest nodes; if none does, a kind that would. */
export function* planNewNodes(waiting: Waiting): Steps<readonly Change[]> {
  const kinds = kindsOf(waiting).slice(0, KINDS_AT_MOST);
  yield;
  const changes: Change[] = [];
  for (const kind of kinds) changes.push(...(yield* additionOf(waiting, kind)));
  const [best] = changes.toSorted((left, right) => right.places - left.places || left.effort - right.effort);
  if (best !== undefined) return [best];
  const made = madeFor(waiting, kinds[0]?.example);
  return yield* additionOf(waiting, made);
}

type Kind = {
  readonly example: Node;
  readonly words: string;
  /** Of the first node: more of what there is already is less of a change than something new. */
  readonly effort: number;
};

const NODE = { apiVersion: 'v1', kind: 'Node' };
const HOSTNAME = 'kubernetes.io/hostname';

/** Nodes that differ in nothing but their names are one kind; the most frequent kinds come first. */
function kindsOf({ state }: Waiting): readonly Kind[] {
  const kinds = new Map<string, { example: Node; count: number }>();
  for (let slot = 0; slot < state.slotsEnd; slot++) {
    const node = state.nodeAt(slot);
    if (node === undefined) continue;
    const kind = asNew(node);
    const key = JSON.stringify([kind.metadata.labels, kind.spec, kind.status?.allocatable]);
    const known = kinds.get(key) ?? { example: node, count: 0 };
    known.count++;
    kinds.set(key, known);
  }
  return [...kinds.values()]
    .toSorted((left, right) => right.count - left.count)
    .map(({ example }) => ({
      example: asNew(example),
      words: `like ${example.metadata.name} (${sizeOf(example)})`,
      effort: EFFORT.known,
    }));
}

/** As it was when it was new: not cordoned, in good health, with no name of its own. */
function asNew({ metadata, spec: { taints = [] }, status }: Node): Node {
  const kept = taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
  const labels = Object.entries(metadata.labels ?? {}).filter(
    ([key, value]) => key !== HOSTNAME && value !== metadata.name,
  );
  return {
    ...NODE,
    metadata: { ...metadata, name: '', labels: Object.fromEntries(labels) },
    spec: kept.length === 0 ? {} : { taints: kept },
    status: { allocatable: status?.allocatable ?? {} },
  };
}

function sizeOf({ status }: Node): string {
  const { cpu = '0', memory = '0' } = status?.allocatable ?? {};
  return `${cpu} cpu, ${written('memory', rounded(memory))} memory`;
}

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** About as much: whole gibibytes where there are many. */
function rounded(text: string): number {
  const bytes = wholeUnits(parseQuantity(text));
  const unit = bytes > 4 * GIBIBYTE ? GIBIBYTE : MEBIBYTE;
  return Math.floor(bytes / unit) * unit;
}

/** None where no pod would get onto such nodes. */
function* additionOf(waiting: Waiting, { example, words, effort }: Kind): Steps<readonly Change[]> {
  const wanted = waiting.alike.length + 1;
  const withCount = (count: number): readonly Node[] =>
    Array.from({ length: count }, (_, index) => named(example, `new-node-${index + 1}`));
  const tried = (count: number): number => placedAfter(waiting, { nodes: withCount(count) });
  let count = 1;
  let places = tried(count);
  yield;
  if (places === 0) return [];
  while (places < wanted && count < NODES_AT_MOST) {
    const more = Math.max(1, Math.ceil((wanted - places) / Math.max(1, places / count)));
    const next = Math.min(NODES_AT_MOST, count + more);
    const then = tried(next);
    yield;
    if (then === places) break; // something else than room is in the way
    [count, places] = [next, then];
  }
  while (count > 1 && tried(count - 1) === places) {
    count--;
    yield;
  }
  const text = `add ${count} ${count === 1 ? 'node' : 'nodes'} ${words}`;
  return [{ text, effort: effort + count, places, nodes: withCount(count).map((after) => ({ after })) }];
}

const named = (example: Node, name: string): Node => ({
  ...example,
  metadata: { ...example.metadata, name, uid: name, labels: { ...example.metadata.labels, [HOSTNAME]: name } },
});

// Little enough for any machine, and room for what every node runs besides.
const LEAST_PODS = 110;

/** As large as the pod, with the labels it selects, and where its volumes are. */
function madeFor({ pod, state }: Waiting, like: Node | undefined): Kind {
  const requests = podRequests(pod);
  const base = like?.status?.allocatable ?? {};
  const asked = Object.entries(requests).map(([name, amount]) => [name, written(name, amount)] as const);
  const needed = asked.filter(([name, text]) => isMore(text, base[name]));
  const bare: Node = {
    ...NODE,
    metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: like?.metadata.creationTimestamp ?? '' },
    spec: {},
    status: { allocatable: { ...base, ...Object.fromEntries(needed), pods: base['pods'] ?? String(LEAST_PODS) } },
  };
  const keys = topologyKeys(pod).map((key) => [key, 'new'] as const);
  const selected = withLabels(bare, relabelled(Object.fromEntries(keys), neededLabels(pod, bare) ?? {}));
  const labels = whereVolumesAre(pod, selected, state);
  const listed = asked.map(([name, text]) => `${text} ${name}`).join(', ');
  const words = [
    ...(listed === '' ? [] : [`with at least ${listed} free`]),
    ...(Object.keys(labels).length === 0 ? [] : [`labelled ${inQuotes(labels)}`]),
  ];
  return {
    example: { ...bare, metadata: { ...bare.metadata, labels } },
    words: words.join(' and '),
    effort: EFFORT.new,
  };
}

const whereVolumesAre = (pod: Pod, node: Node, { storage }: ClusterState): Labels =>
  relabelled(node.metadata.labels, labelsForVolumes(pod, node, storage) ?? {});

const isMore = (text: string, than: string | undefined): boolean =>
  than === undefined || parseQuantity(text).nanos > parseQuantity(than).nanos;

function topologyKeys({ spec }: Pod): readonly string[] {
  const { podAffinity } = spec.affinity ?? {};
  const keys = [
    ...(spec.topologySpreadConstraints ?? []).map(({ topologyKey }) => topologyKey),
    ...(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(({ topologyKey }) => topologyKey),
  ];
  return keys.filter((key) => key !== HOSTNAME);
}
