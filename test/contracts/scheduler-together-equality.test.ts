/** Gangs and extenders: the scheduler decides as the reference scheduler does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PodGroup } from '#api/scheduling/pod-group';
import type { Node, Pod } from '#api/types/core-v1';
import { silentLogger } from '#base/log';
import type { Decision } from '#scheduler/decision';
import { scoreNodes } from '#scheduler/explain/node-scores';
import { decideWithExtenders } from '#scheduler/extenders/decide-with-extenders';
import type { ExtenderCall } from '#scheduler/extenders/extender';
import { Extenders } from '#scheduler/extenders/extenders';
import { placePod } from '#scheduler/framework/place';
import type { Refused } from '#scheduler/framework/placement';
import type { Plugin } from '#scheduler/framework/plugin';
import { type GangCycleParts, type GangOutcome, tryGang } from '#scheduler/gangs/gang-cycle';
import { runCycle } from '#scheduler/gangs/run-cycle';
import { Nominations } from '#scheduler/nominations';
import { PlacedPods } from '#scheduler/placed-pods';
import { defaultProfile as profile } from '#scheduler/plugins/default-profile';
import { ClusterState } from '#scheduler/snapshot/cluster-state';
import { node as arbitraryNode } from '../reference-scheduler/arbitrary-edits.ts';
import { NODE_NAMES, podOfWorkload } from '../reference-scheduler/arbitrary-pods.ts';
import type { ReferenceCluster } from '../reference-scheduler/cluster.ts';
import { type Opinion, placeExtended } from '../reference-scheduler/extended.ts';
import { faultOf } from '../reference-scheduler/gang.ts';

const pods = (most: number) =>
  fc.array(
    podOfWorkload.map(({ pod }) => pod),
    { minLength: 1, maxLength: most },
  );

const cluster: fc.Arbitrary<ReferenceCluster> = fc
  .record({
    nodes: fc.uniqueArray(arbitraryNode, { minLength: 1, maxLength: 5, selector: ({ metadata }) => metadata.name }),
    there: fc.array(fc.tuple(podOfWorkload, fc.constantFrom(...NODE_NAMES)), { maxLength: 6 }),
  })
  .map(({ nodes, there }) => ({
    nodes,
    pods: there.map(([{ pod }, nodeName], index) => named({ ...pod, spec: { ...pod.spec, nodeName } }, `old-${index}`)),
    namespaces: {},
    sources: [],
  }));

const named = (pod: Pod, name: string): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, name, uid: `uid-of-${name}` },
});

function stateOf({ nodes, pods: all }: ReferenceCluster): ClusterState {
  const state = new ClusterState();
  for (const node of nodes) state.setNode(node);
  for (const pod of all) state.setPod(pod);
  return state;
}

/** Without pre-emption. */
function decide(state: ClusterState, pod: Pod, also: readonly Plugin[] = []): Decision {
  const placement = placePod(state, pod, { profile, also, draw: 0.4 });
  const claims = { filters: [] };
  if (placement.placed) return { kind: 'place', node: placement.node, claims };
  return { kind: 'refuse', refused: placement, claims, preemption: undefined };
}

// More of them, now and then: EQUALITY_RUNS=20000.
const RUNS = Number(process.env['EQUALITY_RUNS'] ?? 150);

type GangCase = { readonly cluster: ReferenceCluster; readonly members: readonly Pod[]; readonly minCount: number };

const gangCase: fc.Arbitrary<GangCase> = fc
  .record({ cluster, members: pods(5), minCount: fc.integer({ min: 1, max: 5 }) })
  .map(({ members, minCount, ...rest }) => ({
    ...rest,
    members: members.map((pod, index) => named(pod, `new-${index}`)),
    minCount: Math.min(minCount, members.length),
  }));

function partsFor(state: ClusterState): GangCycleParts {
  const placed = new PlacedPods(state);
  return {
    placed,
    nominations: new Nominations(placed),
    hold: () => undefined,
    release: () => undefined,
    restore: (pod) => placed.set(pod),
  };
}

const everythingOf = (state: ClusterState, all: readonly Pod[]): unknown =>
  all.map((pod) => [state.podOf(pod.metadata.uid) !== undefined, scoreNodes(state, profile, pod)]);

function gangOutcome(state: ClusterState, { members, minCount }: GangCase): GangOutcome {
  const group = { spec: { schedulingPolicy: { gang: { minCount } } } } as unknown as PodGroup;
  const gang = { group, minCount, placed: 0, waiting: new Set<string>() };
  return runCycle(tryGang(gang, members, partsFor(state)), (pod) => decide(state, pod));
}

test('[EQU6] a gang is placed just when enough of it find their best nodes, one after the other', () => {
  fc.assert(
    fc.property(gangCase, (each) => {
      const state = stateOf(each.cluster);
      const before = everythingOf(state, each.members);
      const outcome = gangOutcome(state, each);
      const steps = outcome.tries.map(({ pod, decision }) => ({
        pod,
        chosen: decision.kind === 'place' ? decision.node : undefined,
      }));
      assert.equal(faultOf(each.cluster, steps), undefined);
      const found = steps.filter(({ chosen }) => chosen !== undefined).length;
      const left = each.members.length - steps.length;
      assert.equal(outcome.kind, found >= each.minCount ? 'place' : 'refuse');
      if (outcome.kind === 'place') return assert.equal(left, 0);
      assert.ok(found + left < each.minCount, 'it gave up too early');
      assert.deepEqual(everythingOf(state, each.members), before);
    }),
    { numRuns: RUNS },
  );
});

const opinion: fc.Arbitrary<Opinion> = fc
  .record({
    weight: fc.integer({ min: 1, max: 3 }),
    out: fc.subarray(NODE_NAMES, { maxLength: 3 }),
    helpless: fc.boolean(),
    scores: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: NODE_NAMES.length, maxLength: NODE_NAMES.length }),
  })
  .map(({ weight, out, helpless, scores }) => ({
    weight,
    against: (node) => (out.includes(node) ? { reason: `left out by ${weight}`, helpless } : undefined),
    score: (node) => scores[NODE_NAMES.indexOf(node)] ?? 0,
  }));

function extendersFor(opinions: readonly Opinion[]): Extenders {
  const configs = opinions.map(({ weight }, index) => ({
    urlPrefix: `http://${index}`,
    filterVerb: 'filter',
    prioritizeVerb: 'prioritize',
    weight,
    nodeCacheCapable: true,
  }));
  const call = async ({ url, body }: ExtenderCall): Promise<unknown> => {
    const [, index = '', verb] = /^http:\/\/(\d+)\/(.*)$/.exec(url) ?? [];
    const { against, score } = opinions[Number(index)] as Opinion;
    const { NodeNames: names } = body as { readonly NodeNames: readonly string[] };
    if (verb === 'prioritize') return names.map((Host) => ({ Host, Score: score(Host) }));
    const failed = names.flatMap((name) => {
      const why = against(name);
      return why === undefined ? [] : [[name, why] as const];
    });
    const reasons = (helpless: boolean) =>
      Object.fromEntries(
        failed.filter(([, why]) => why.helpless === helpless).map(([name, { reason }]) => [name, reason]),
      );
    return {
      NodeNames: names.filter((name) => against(name) === undefined),
      FailedNodes: reasons(false),
      FailedAndUnresolvableNodes: reasons(true),
    };
  };
  return new Extenders({ configs, call, logger: silentLogger(), signal: new AbortController().signal });
}

async function decideExtended(state: ClusterState, pod: Pod, opinions: readonly Opinion[]): Promise<Decision> {
  const nodeOf = (name: string): Node => state.nodeAt(state.slotOf(name) ?? -1) as Node;
  const decision = await decideWithExtenders(pod, {
    extenders: extendersFor(opinions),
    candidates: () => scoreNodes(state, profile, pod).map(({ node, total }) => ({ node: nodeOf(node), total })),
    decide: (_pod, also) => decide(state, pod, also),
    claimsOf: () => ({ filters: [] }),
    promisedNode: () => undefined,
    fits: () => true,
    draw: () => 0.7,
  });
  assert.ok(decision);
  return decision;
}

const CONFLICT = 'pod affinity terms conflict';

function reasonsOf({ groups }: Refused): Readonly<Record<string, string>> {
  return Object.fromEntries(
    groups.flatMap(({ plugin, refusal, nodes }) =>
      nodes().map((name) => [name, `${plugin}: ${refusal.reasons.toSorted().join()}`] as const),
    ),
  );
}

test('[EQU7] with extenders a pod goes where the most points are, or is refused as the first who refuses says', async () => {
  const property = fc.asyncProperty(
    cluster,
    podOfWorkload,
    fc.array(opinion, { minLength: 1, maxLength: 2 }),
    decideBoth,
  );
  await fc.assert(property, { numRuns: RUNS });
});

async function decideBoth(
  ...[there, { pod }, opinions]: [ReferenceCluster, { readonly pod: Pod }, readonly Opinion[]]
) {
  const decision = await decideExtended(stateOf(there), pod, opinions);
  const expected = placeExtended(there, pod, opinions);
  assert.equal(decision.kind, expected.kind);
  if (decision.kind === 'place') return assert.ok(expected.kind === 'place' && expected.nodes.includes(decision.node));
  // No node was asked.
  if (decision.refused.because?.text === CONFLICT) return undefined;
  return assert.deepEqual(reasonsOf(decision.refused), expected.kind === 'refuse' && expected.reasons);
}
