/** The scheduler's engine decides as the reference scheduler does, whatever the cluster and whatever happened to it before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Selector, selectorFrom } from '#api/meta/label-selector';
import type { Node, Pod } from '#api/types/core-v1';
import { scoreNodes } from '#scheduler/explain/node-scores';
import { verdictsOn } from '#scheduler/explain/verdicts';
import { placePod } from '#scheduler/framework/place';
import type { Refused } from '#scheduler/framework/placement';
import { type Plugin, type Profile, refusalForGood } from '#scheduler/framework/plugin';
import { dynamicResources, volumeBinding } from '#scheduler/plugins/claims';
import { defaultProfile } from '#scheduler/plugins/default-profile';
import { ClusterState } from '#scheduler/snapshot/cluster-state';
import { type Edit, edit, node as arbitraryNode } from '../reference-scheduler/arbitrary-edits.ts';
import { NODE_NAMES, podOfWorkload, WORKLOADS } from '../reference-scheduler/arbitrary-pods.ts';
import type { ReferenceCluster, SelectorSource } from '../reference-scheduler/cluster.ts';
import { judge, type Judgement } from '../reference-scheduler/judge.ts';

/** Both schedulers' view of one cluster, edited side by side. */
class Both {
  readonly state = new ClusterState();
  readonly profile: Profile;
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  readonly #namespaces = new Map<string, Readonly<Record<string, string>>>();
  readonly #sources = new Map<string, SelectorSource>();
  #created = 0;

  constructor(profile: Profile) {
    this.profile = profile;
  }

  get cluster(): ReferenceCluster {
    return {
      nodes: [...this.#nodes.values()],
      pods: [...this.#pods.values()],
      namespaces: Object.fromEntries(this.#namespaces),
      sources: [...this.#sources.values()],
    };
  }

  apply(change: Edit, incoming: readonly Pod[]): void {
    switch (change.type) {
      case 'node':
        this.#nodes.set(change.node.metadata.name, change.node);
        return this.state.setNode(change.node);
      case 'node removed':
        this.#nodes.delete(change.name);
        return this.state.removeNode(change.name);
      case 'pod':
        return this.#bind(change.pod, change.node);
      case 'namespace':
        this.#namespaces.set(change.name, change.labels);
        return this.state.setNamespace(change.name, change.labels);
      case 'source':
        this.#sources.set(sourceKey(change.source), change.source);
        return this.state.sources.set({ ...change.source, selector: selectorOf(change.source) });
      case 'source removed': {
        const source = picked([...this.#sources.values()], change.which);
        if (source === undefined) return;
        this.#sources.delete(sourceKey(source));
        return this.state.sources.delete(source);
      }
      case 'placed':
        return this.#place(picked(incoming, change.which));
      case 'pod removed':
      case 'pod relabelled':
      case 'pod about to go':
      case 'pod ended':
        return this.#changePod(change);
    }
  }

  #changePod(change: Extract<Edit, { which: number }>): void {
    const pod = picked([...this.#pods.values()], change.which);
    if (pod === undefined) return;
    const { uid } = pod.metadata;
    if (change.type === 'pod relabelled')
      return this.#keep({ ...pod, metadata: { ...pod.metadata, labels: change.labels } });
    if (change.type === 'pod about to go')
      return this.#keep({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    this.#pods.delete(uid);
    if (change.type === 'pod ended') this.state.setPod({ ...pod, status: { phase: 'Succeeded' } });
    else this.state.removePod(uid);
  }

  #place(pod: Pod | undefined): void {
    if (pod === undefined) return;
    const placement = placePod(this.state, pod, { profile: this.profile, draw: 0.5 });
    if (placement.placed) this.#bind(pod, placement.node);
  }

  #bind(pod: Pod, nodeName: string): void {
    const name = `pod-${this.#created++}`;
    this.#keep({ ...pod, metadata: { ...pod.metadata, name, uid: `uid-of-${name}` }, spec: { ...pod.spec, nodeName } });
  }

  #keep(pod: Pod): void {
    this.#pods.set(pod.metadata.uid, pod);
    this.state.setPod(pod);
  }
}

const sourceKey = ({ kind, namespace, name }: SelectorSource): string => `${kind}/${namespace}/${name}`;

const selectorOf = (source: SelectorSource): Selector =>
  selectorFrom(
    source.kind === 'Service' || source.kind === 'ReplicationController'
      ? { matchLabels: source.selector }
      : source.selector,
  );

const picked = <T>(all: readonly T[], which: number): T | undefined => all[which % all.length];

type Said = Readonly<Record<string, unknown>>;

type Named = Pick<NonNullable<Judgement['first']>, 'plugin' | 'reasons' | 'helpless'>;

const CONFLICT = 'pod affinity terms conflict';

const said = ({ plugin, reasons, helpless }: Named): Said => ({ plugin, reasons: reasons.toSorted(), helpless });

/** What the reference says of every node, and what came of trying the pod. */
function referenceSays(cluster: ReferenceCluster, pod: Pod): Said {
  const judgements = judge(cluster, pod);
  const nodes = judgements.map(({ node, refusals, scores = {}, total }) => [
    node,
    { refusals: refusals.map(said), scores: spoken(scores), total },
  ]);
  const totals = judgements.flatMap(({ total }) => total ?? []);
  if (totals.length > 0) return { nodes: Object.fromEntries(nodes), best: Math.max(...totals) };
  const firsts = judgements.map(({ node, first }) => [node, first === undefined ? undefined : said(first)]);
  // No node was asked.
  if (judgements[0]?.first?.reasons[0] === CONFLICT) return { nodes: {}, firsts: Object.fromEntries(firsts) };
  return { nodes: Object.fromEntries(nodes), firsts: Object.fromEntries(firsts) };
}

function engineSays({ state, profile }: Both, pod: Pod): Said {
  const scored = new Map(scoreNodes(state, profile, pod).map((each) => [each.node, each]));
  const nodes = verdictsOn(state, profile, pod).map(({ slot, refusals }) => {
    const node = state.nameAt(slot);
    const { plugins = [], total } = scored.get(node) ?? {};
    const scores = Object.fromEntries(plugins.map(({ plugin, raw, normalized }) => [plugin, { raw, normalized }]));
    const named = refusals.map(({ plugin, refusal }) => said({ plugin, ...refusal, helpless: !refusal.resolvable }));
    return [node, { refusals: named, scores: spoken(scores), total }];
  });
  const tried = (by: Profile): Said => {
    const placement = placePod(state, pod, { profile: by, draw: 0.3 });
    if (!placement.placed) return { firsts: firstsOf(placement, state) };
    assert.equal(scored.get(placement.node)?.total, placement.score, 'the chosen node has another score');
    return { best: placement.score };
  };
  const found = tried(profile);
  // Nothing is known yet of what was tried by another profile.
  assert.deepEqual(tried({ ...profile }), found, 'a pod that is met for the first time is placed otherwise');
  return { nodes: Object.fromEntries(nodes), ...found };
}

function firstsOf({ because, groups }: Refused, state: ClusterState): Said {
  if (because !== undefined) {
    const first = said({ plugin: because.plugin, reasons: [because.text], helpless: !because.resolvable });
    return Object.fromEntries(nodeNames(state).map((name) => [name, first]));
  }
  const firsts = groups.flatMap(({ plugin, refusal, count, nodes }) => {
    const names = nodes();
    assert.equal(names.length, count, 'a group has another number of nodes than it says');
    return names.map((name) => [name, said({ plugin, ...refusal, helpless: !refusal.resolvable })]);
  });
  return Object.fromEntries(firsts);
}

const nodeNames = (state: ClusterState): readonly string[] =>
  Array.from({ length: state.slotsEnd }, (_, slot) => slot)
    .filter((slot) => state.nodeAt(slot) !== undefined)
    .map((slot) => state.nameAt(slot));

/** A plugin that has nothing to say counts as 0. */
const spoken = (scores: NonNullable<Judgement['scores']>): Said =>
  Object.fromEntries(Object.entries(scores).filter(([, { raw, normalized }]) => raw !== 0 || normalized !== 0));

const seen = new Set<string>();

/** Clusters that are edited step by step, with some pods that are tried after every step. */
function agreement(profile: Profile): fc.IProperty<[readonly Node[], readonly Tried[], readonly (readonly Edit[])[]]> {
  const incoming = fc.array(podOfWorkload, { minLength: 1, maxLength: 3 });
  const steps = fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  return fc.property(fc.array(arbitraryNode, { maxLength: 7 }), incoming, steps, (nodes, tried, rounds) => {
    const both = new Both(profile);
    const pods = tried.map(({ pod }) => pod);
    for (const node of nodes) both.apply({ type: 'node', node }, pods);
    for (const round of [[], ...rounds]) {
      for (const change of round) both.apply(change, pods);
      for (const pod of pods) assert.deepEqual(engineSays(both, pod), referenceSays(both.cluster, pod));
    }
    for (const { workload } of tried) seen.add(workload);
  });
}

type Tried = { readonly workload: string; readonly pod: Pod };

// More of them, now and then: EQUALITY_RUNS=20000.
const RUNS = Number(process.env['EQUALITY_RUNS'] ?? 250);

test('[EQU1] the engine decides as the reference does, whatever happened before', () => {
  fc.assert(agreement(defaultProfile), { numRuns: RUNS });
});

test('[EQU2] every kind of workload is among those that are compared', () => {
  assert.deepEqual(
    WORKLOADS.filter((workload) => !seen.has(workload)),
    [],
  );
});

test('[EQU3] a plugin that the engine forgets is missed', () => {
  for (const name of ['NodePorts', 'PodTopologySpread', 'InterPodAffinity']) {
    const filters = defaultProfile.filters.filter((plugin) => plugin.name !== name);
    assert.ok(fc.check(agreement({ ...defaultProfile, filters }), { numRuns: 2000 }).failed, name);
  }
});

/** What the claims of a pod, to volumes and to devices, have against nodes. */
type Against = { readonly plugin: Plugin; readonly nodes: readonly string[] };

const against: fc.Arbitrary<readonly Against[]> = fc
  .tuple(fc.subarray(NODE_NAMES), fc.subarray(NODE_NAMES))
  .map(([devices, volumes]) => [
    { plugin: dynamicResources, nodes: devices },
    { plugin: volumeBinding, nodes: volumes },
  ]);

/** Who tells why each node is refused; nobody where one of them is not. */
function engineBlames(
  { state }: Both,
  pod: Pod,
  { all, profile }: { all: readonly Against[]; profile: Profile },
): Said {
  const also = all.map(({ plugin, nodes }): Plugin => {
    const nothingThere = refusalForGood('nothing there');
    const filter: Plugin['filter'] = () => ({
      verdict: (slot) => (nodes.includes(state.nameAt(slot)) ? nothingThere : undefined),
    });
    return { ...plugin, filter };
  });
  const placement = placePod(state, pod, { profile, also, draw: 0.5 });
  if (placement.placed) return {};
  if (placement.because !== undefined) return { because: placement.because.text };
  return Object.fromEntries(placement.groups.flatMap(({ plugin, nodes }) => nodes().map((name) => [name, plugin])));
}

function referenceBlames(cluster: ReferenceCluster, pod: Pod, all: readonly Against[]): Said {
  const order = defaultProfile.filters.map(({ name }) => name);
  const judgements = judge(cluster, pod);
  if (judgements[0]?.first?.reasons[0] === CONFLICT) return { because: CONFLICT };
  const blamed = judgements.map(({ node, refusals, first }): readonly [string, string | undefined] => {
    if (first !== undefined && !refusals.some(({ reasons }) => reasons === first.reasons)) return [node, first.plugin];
    const plugins = [...refusals, ...all.filter(({ nodes }) => nodes.includes(node)).map(({ plugin }) => plugin)];
    const names = plugins.map((each) => ('plugin' in each ? each.plugin : each.name));
    return [node, names.toSorted((left, right) => order.indexOf(left) - order.indexOf(right))[0]];
  });
  return blamed.some(([, plugin]) => plugin === undefined) ? {} : Object.fromEntries(blamed);
}

test('[EQU8] of the filters of claims and the others the first in the order of the profile tells why', () => {
  const course = fc.record({
    nodes: fc.array(arbitraryNode, { minLength: 1, maxLength: 5 }),
    tried: fc.array(podOfWorkload, { minLength: 1, maxLength: 2 }),
    all: against,
    rounds: fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
  });
  const property = fc.property(course, ({ nodes, tried, all, rounds }) => {
    const both = new Both(defaultProfile);
    for (const node of nodes) both.apply({ type: 'node', node }, []);
    for (const round of [[], ...rounds]) {
      for (const change of round) both.apply(change, []);
      for (const { pod } of tried)
        for (const profile of [defaultProfile, { ...defaultProfile }])
          assert.deepEqual(engineBlames(both, pod, { all, profile }), referenceBlames(both.cluster, pod, all));
    }
  });
  fc.assert(property, { numRuns: RUNS });
});
