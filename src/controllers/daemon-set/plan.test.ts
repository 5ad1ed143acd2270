import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DaemonSet, DaemonSetSpec } from '#api/types/apps-v1';
import type { Node, Pod, PodSpec, Taint } from '#api/types/core-v1';
import { aMeta, aPod, aTemplate, readyStatus } from '#test/builders/workloads';
import { aNode } from '#test/builders/nodes';
import { FailedPods } from './failed-pods.ts';
import { planManage } from './plan-manage.ts';
import { planNodes, type DaemonSnapshot } from './plan-nodes.ts';
import { planPlacements, specForNode, targetNode } from './plan-placement.ts';
import { planRolling } from './plan-rolling.ts';
import { nextAvailableInMs, planDaemonSetStatus } from './plan-status.ts';

const NOW = '2026-01-01T01:00:00Z';

const aSet = (spec: Partial<DaemonSetSpec> = {}, pod: Partial<PodSpec> = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: aMeta('web', { generation: 4 }),
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { ...aTemplate(), spec: { ...aTemplate().spec, ...pod } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    ...spec,
  },
});
const SURGE: Partial<DaemonSetSpec> = {
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
};

const placement = (pod: Partial<PodSpec>, node: Node): string => {
  const { shouldRun, mayStay } = planPlacements(aSet({}, pod))(node);
  return shouldRun ? 'run' : mayStay ? 'stay' : 'leave';
};
const tainted = (key: string, effect: string): Node => aNode({ spec: { taints: [{ key, effect } as Taint] } });

test('[WRK40] a node is chosen by name, labels and affinity', () => {
  const ssd = aNode({ labels: { disk: 'ssd' } });
  const terms = [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }];
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
  assert.deepEqual([placement({}, ssd), placement({ nodeName: 'node-1' }, ssd)], ['run', 'run']);
  assert.equal(placement({ nodeName: 'other' }, ssd), 'leave');
  assert.deepEqual(
    [placement({ nodeSelector: { disk: 'ssd' } }, ssd), placement({ nodeSelector: { disk: 'ssd' } }, aNode())],
    ['run', 'leave'],
  );
  assert.deepEqual(
    [placement({ affinity: { nodeAffinity } }, ssd), placement({ affinity: { nodeAffinity } }, aNode())],
    ['run', 'leave'],
  );
});

test('[WRK41] a taint keeps new pods away, and only one that evicts drives off those that run', () => {
  assert.equal(placement({}, tainted('mine', 'NoSchedule')), 'stay');
  assert.equal(placement({}, tainted('mine', 'NoExecute')), 'leave');
  assert.equal(placement({}, tainted('mine', 'PreferNoSchedule')), 'run');
  assert.equal(placement({ tolerations: [{ operator: 'Exists' }] }, tainted('mine', 'NoExecute')), 'run');
  for (const key of ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'])
    assert.equal(placement({}, tainted(`node.kubernetes.io/${key}`, 'NoSchedule')), 'run', key);
  for (const key of ['not-ready', 'unreachable'])
    assert.equal(placement({}, tainted(`node.kubernetes.io/${key}`, 'NoExecute')), 'run', key);
  const noNetwork = tainted('node.kubernetes.io/network-unavailable', 'NoSchedule');
  assert.deepEqual([placement({}, noNetwork), placement({ hostNetwork: true }, noNetwork)], ['stay', 'run']);
});

test('[WRK42] a pod is pinned to its node and tolerates what its node goes through', () => {
  const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }] };
  const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 };
  const spec = specForNode(
    { ...aTemplate().spec, affinity: { nodeAffinity: preferred }, tolerations: [own, { key: 'mine' }] },
    'node-7',
  );
  assert.deepEqual(spec.affinity?.nodeAffinity, {
    ...preferred,
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-7'] }] }],
    },
  });
  assert.deepEqual(spec.tolerations?.slice(0, 2), [
    { key: 'mine' },
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  ]);
  assert.equal(spec.tolerations?.length, 7);
  assert.equal(targetNode(aPod({ spec })), 'node-7');
  assert.equal(targetNode(aPod({ spec: { ...spec, nodeName: 'node-8' } })), 'node-8');
  assert.equal(targetNode(aPod()), undefined);
});

type PodOn = { readonly hash?: string; readonly ready?: boolean; readonly phase?: string; readonly meta?: object };

const podOn = (node: string, name: string, { hash = 'new', ready = true, phase, meta = {} }: PodOn = {}): Pod =>
  aPod({
    name,
    meta: { labels: { app: 'web', 'controller-revision-hash': hash }, ...meta },
    spec: { nodeName: node },
    status: phase === undefined ? (ready ? readyStatus() : { phase: 'Running' }) : { phase },
  });

const snapshot = (pods: readonly Pod[], set = aSet(), names: readonly string[] = ['a', 'b', 'c']): DaemonSnapshot => ({
  set,
  nodes: names.map((name) => aNode({ name })),
  pods,
  hash: 'new',
  nowMs: Date.parse(NOW),
});

const managed = (of: DaemonSnapshot): Record<string, readonly string[]> => {
  const { create, ...pods } = planManage(of, planNodes(of));
  const names = Object.entries(pods).map(([key, list]) => [key, list.map(({ metadata }) => metadata.name)]);
  return { create, ...(Object.fromEntries(names) as Record<string, readonly string[]>) };
};

test('[WRK43] nodes without a pod get one; pods that ended are replaced, pods too many or out of place go', () => {
  const made = (name: string, node: string): Pod =>
    aPod({ name, spec: specForNode(aTemplate().spec, node), status: { phase: 'Pending' } });
  const pods = [
    podOn('b', 'young', { meta: { creationTimestamp: NOW } }),
    podOn('b', 'old'),
    podOn('c', 'failed', { phase: 'Failed' }),
    podOn('d', 'done', { phase: 'Succeeded' }),
    podOn('e', 'ending', { meta: { deletionTimestamp: NOW } }),
    podOn('f', 'gone', { phase: 'Failed', meta: { deletionTimestamp: NOW } }),
    made('lost', 'nowhere'),
    made('made', 'g'),
  ];
  const of = snapshot(pods, aSet(), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  assert.deepEqual(managed(of), {
    create: ['a', 'f'],
    remove: ['lost', 'young'],
    failed: ['failed'],
    succeeded: ['done'],
  });
});

test('[WRK43] pods leave a node that is no longer chosen', () => {
  const of = snapshot([podOn('a', 'x'), podOn('a', 'y', { meta: { deletionTimestamp: NOW } })]);
  const nodes = [aNode({ name: 'a', spec: { taints: [{ key: 'mine', effect: 'NoExecute' }] } })];
  assert.deepEqual(managed({ ...of, nodes }).remove, ['x']);
});

const rolled = (of: DaemonSnapshot): readonly [readonly string[], readonly string[]] => {
  const { create, remove } = planRolling(of, planNodes(of).nodes);
  return [create, remove.map(({ metadata }) => metadata.name)];
};
const OLD = { hash: 'old' };

test('[WRK44] old pods go as many at a time as may be missing; those that do not work go at once', () => {
  const old = [podOn('a', 'x', OLD), podOn('b', 'y', OLD), podOn('c', 'z', { ...OLD, ready: false })];
  assert.deepEqual(rolled(snapshot(old)), [[], ['z', 'x']]);
  const waiting = [podOn('a', 'x', { ready: false }), podOn('b', 'y', OLD), podOn('c', 'z', OLD)];
  assert.deepEqual(rolled(snapshot(waiting)), [[], []]);
  const half = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } } };
  assert.deepEqual(rolled(snapshot(waiting, aSet(half))), [[], ['y']]);
  assert.deepEqual(rolled(snapshot(old, aSet({ updateStrategy: { type: 'OnDelete' } }))), [[], []]);
  const none = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } };
  assert.deepEqual(rolled(snapshot(old.slice(0, 2), aSet(none), ['a', 'b']))[1], ['x']);
});

test('[WRK45] with a surge, new pods are added first, and old ones go when those work', () => {
  const set = aSet(SURGE);
  const old = [podOn('a', 'x', OLD), podOn('b', 'y', OLD), podOn('c', 'z', { ...OLD, ready: false })];
  assert.deepEqual(rolled(snapshot(old, set)), [['c', 'a'], []]);
  const waiting = [...old.slice(0, 2), podOn('c', 'w'), podOn('a', 'v', { ready: false })];
  assert.deepEqual(rolled(snapshot(waiting, set)), [[], []]);
  const done = [...old.slice(0, 2), podOn('a', 'v')];
  assert.deepEqual(rolled(snapshot(done, set)), [['b'], ['x']]);
});

test('[WRK45] with a surge a node keeps an old pod that works beside a new one that does not yet', () => {
  const set = aSet(SURGE);
  const removed = (pods: readonly Pod[]): readonly string[] | undefined => managed(snapshot(pods, set, ['a'])).remove;
  assert.deepEqual(removed([podOn('a', 'x', OLD), podOn('a', 'y', { ready: false })]), []);
  assert.deepEqual(removed([podOn('a', 'x', OLD), podOn('a', 'y')]), ['x']);
  assert.deepEqual(removed([podOn('a', 'x', { ...OLD, ready: false }), podOn('a', 'y', { ready: false })]), ['x']);
  assert.deepEqual(removed([podOn('a', 'x'), podOn('a', 'y')]), ['y']);
  const ending = podOn('a', 'x', { meta: { deletionTimestamp: NOW } });
  assert.deepEqual(managed(snapshot([ending], set, ['a'])).create, ['a']);
});

test('[WRK46] the status counts nodes by the oldest pod of each', () => {
  const set = aSet({ minReadySeconds: 60, selector: { matchLabels: { app: 'web' } } });
  const pods = [
    podOn('a', 'x'),
    podOn('b', 'y', OLD),
    podOn('c', 'z', { ready: false }),
    podOn('b', 'w', { meta: { creationTimestamp: NOW } }),
  ];
  const of = snapshot(pods, set, ['a', 'b', 'c', 'd']);
  const cordoned = aNode({ name: 'e', spec: { taints: [{ key: 'mine', effect: 'NoSchedule' }] } });
  const all = { ...of, nodes: [...of.nodes, cordoned], pods: [...pods, podOn('e', 'v')] };
  assert.deepEqual(planDaemonSetStatus(all, planNodes(all).nodes), {
    currentNumberScheduled: 3,
    numberMisscheduled: 1,
    desiredNumberScheduled: 4,
    numberReady: 2,
    observedGeneration: 4,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberUnavailable: 2,
  });
  const soon = { ...of, nowMs: Date.parse('2026-01-01T00:00:30Z') };
  assert.equal(nextAvailableInMs(soon), 30_000);
});

test('[WRK47] where pods keep failing they are replaced less and less often', () => {
  const failures = new FailedPods();
  const waitMs = (node: string, nowMs: number, attempt = '1'): number =>
    failures.waitMs({ set: 'web', attempt, node }, nowMs);
  assert.equal(waitMs('a', 0), 0);
  assert.equal(waitMs('a', 400), 600);
  assert.equal(waitMs('b', 400), 0);
  assert.equal(waitMs('a', 1000), 0);
  assert.equal(waitMs('a', 1000), 2000);
  assert.equal(waitMs('a', 1000, '2'), 0);
  assert.equal(waitMs('a', 1000, '2'), 1000);
  failures.forget('web');
  assert.equal(waitMs('a', 1000, '2'), 0);
});

const nodeState = fc.constantFrom('none', 'old', 'old sick', 'new', 'new sick', 'both', 'ending');
const PODS_OF: Readonly<Record<string, readonly PodOn[]>> = {
  none: [],
  old: [{ hash: 'old' }],
  'old sick': [{ hash: 'old', ready: false }],
  new: [{}],
  'new sick': [{ ready: false }],
  both: [{ hash: 'old' }, { ready: false }],
  ending: [{ hash: 'old', meta: { deletionTimestamp: NOW } }],
};

test('[WRK44] whatever the nodes are like, a roll never takes more working pods than may be missing', () => {
  const cases = fc.record({
    states: fc.array(nodeState, { maxLength: 12 }),
    maxUnavailable: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(cases, ({ states, maxUnavailable }) => {
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge: 0 } };
      const names = states.map((_, index) => `n${index}`);
      const pods = states.flatMap((state, index) =>
        (PODS_OF[state] ?? []).map((parts, which) => podOn(`n${index}`, `p${index}-${which}`, parts)),
      );
      const of = snapshot(pods, aSet({ updateStrategy }), names);
      const { create, remove } = planRolling(of, planNodes(of).nodes);
      assert.deepEqual(create, []);
      const working = remove.filter((each) => each.status?.conditions?.[0]?.status === 'True').length;
      const missing = states.filter((state) => ['none', 'new sick', 'both', 'ending'].includes(state)).length;
      assert.ok(working <= Math.max(0, maxUnavailable - missing));
      assert.ok(remove.every(({ metadata }) => metadata.labels?.['controller-revision-hash'] === 'old'));
    }),
    { seed: 1, numRuns: 2000 },
  );
});
