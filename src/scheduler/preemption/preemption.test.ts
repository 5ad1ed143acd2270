/** Whom a pod that fits nowhere drives off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/core/pod';
import type { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { PodSpec, PodStatus } from '#api/types/core-v1';
import { aNode } from '#test/builders/nodes';
import { aMeta, aPod } from '#test/builders/workloads';
import { placePod } from '../framework/place.ts';
import { defaultProfile } from '../plugins/default-profile.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { DEFAULT_ARGS } from '../config/known-plugins.ts';
import { type Preemption, PreemptionPlanner } from './preemption-planner.ts';

type Parts = {
  readonly cpu?: string;
  readonly node?: string;
  readonly started?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly status?: PodStatus;
  readonly meta?: Partial<Pod['metadata']>;
  readonly spec?: Partial<PodSpec>;
};

function pod(
  name: string,
  priority: number,
  { cpu = '1', node, started, labels, status, meta, spec }: Parts = {},
): Pod {
  return aPod({
    name,
    meta: { ...(labels === undefined ? {} : { labels }), ...meta },
    spec: {
      priority,
      containers: [{ name: 'main', image: 'i', resources: { requests: { cpu } } }],
      ...(node === undefined ? {} : { nodeName: node }),
      ...spec,
    },
    status: { phase: 'Running', ...(started === undefined ? {} : { startTime: started }), ...status },
  });
}

function cluster(pods: readonly Pod[], nodes = ['a', 'b'], allocatable = { cpu: '2' }): ClusterState {
  const state = new ClusterState();
  for (const name of nodes) state.setNode(aNode({ name, allocatable }));
  for (const each of pods) state.setPod(each);
  return state;
}

function preempt(
  state: ClusterState,
  preemptor: Pod,
  {
    budgets = [],
    planner = new PreemptionPlanner(),
  }: { budgets?: readonly PodDisruptionBudget[]; planner?: PreemptionPlanner } = {},
): Preemption {
  const refused = placePod(state, preemptor, { profile: defaultProfile, draw: 0 });
  assert.ok(!refused.placed);
  const all = [0, 1].flatMap((slot) => state.podsAt(slot).map(({ spec }) => spec.priority ?? 0));
  return planner.plan({
    state,
    profile: defaultProfile,
    pod: preemptor,
    budgets,
    refused,
    args: DEFAULT_ARGS.DefaultPreemption,
    lowestPriority: Math.min(...all),
    draw: 0,
  });
}

function shown(preemption: Preemption): string {
  if (preemption.kind === 'none') return `${preemption.message} (${preemption.nomination})`;
  const { node, victims } = preemption.candidate;
  return `${node}: ${victims.map(({ metadata }) => metadata.name).join(' ')}`;
}

const budget = (
  selector: Readonly<Record<string, string>>,
  allowed: number,
  disrupted: readonly string[] = [],
): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: aMeta('budget'),
  spec: { selector: { matchLabels: selector } },
  status: {
    disruptionsAllowed: allowed,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
    disruptedPods: Object.fromEntries(disrupted.map((name) => [name, '2026-01-01T00:00:00Z'])),
  },
});

test('[PRE1] as few pods as will do leave, the least important ones', () => {
  const state = cluster([
    pod('low', 1, { node: 'a' }),
    pod('mid', 5, { node: 'a' }),
    pod('high', 50, { node: 'b' }),
    pod('top', 60, { node: 'b' }),
  ]);
  assert.equal(shown(preempt(state, pod('new', 100))), 'a: low');
  assert.equal(shown(preempt(state, pod('new', 100, { cpu: '2' }))), 'a: mid low');
  assert.deepEqual(
    state
      .podsAt(0)
      .map(({ metadata }) => metadata.name)
      .toSorted(),
    ['low', 'mid'],
  );
});

test('[PRE2] pods of the same or a higher priority stay, and the reasons are counted', () => {
  const state = cluster(
    [pod('x', 5, { node: 'a', cpu: '2' }), pod('y', 100, { node: 'b', cpu: '2' })],
    ['a', 'b', 'c'],
    { cpu: '2' },
  );
  state.setNode(aNode({ name: 'c', spec: { unschedulable: true } }));
  assert.equal(
    shown(preempt(state, pod('new', 5))),
    'preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod. (drop)',
  );
  assert.equal(
    shown(preempt(state, pod('new', 6, { cpu: '3' }))),
    'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling. (drop)',
  );
});

test('[PRE2] what remains refused when all that may leave have left is counted too', () => {
  const state = cluster([pod('low', 1, { node: 'a' }), pod('high', 50, { node: 'a' })], ['a']);
  assert.equal(
    shown(preempt(state, pod('new', 10, { cpu: '1500m' }))),
    'preemption: 0/1 nodes are available: 1 Insufficient cpu. (drop)',
  );
});

test('[PRE3] nodes are compared by violated budgets, highest victim, sum of priorities, number and start', () => {
  const planned = (...pods: readonly Pod[]): string => shown(preempt(cluster(pods), pod('new', 100, { cpu: '2' })));
  const old = '2026-01-01T00:00:00Z';
  const young = '2026-01-02T00:00:00Z';
  assert.equal(planned(pod('a9', 9, { node: 'a', cpu: '2' }), pod('b8', 8, { node: 'b', cpu: '2' })), 'b: b8');
  assert.equal(
    planned(
      pod('a9', 9, { node: 'a' }),
      pod('a1', 1, { node: 'a' }),
      pod('b9', 9, { node: 'b' }),
      pod('b0', 0, { node: 'b' }),
    ),
    'b: b9 b0',
  );
  assert.equal(
    planned(pod('a9', 9, { node: 'a' }), pod('a0', 0, { node: 'a' }), pod('b9', 9, { node: 'b', cpu: '2' })),
    'b: b9',
  );
  assert.equal(
    planned(
      pod('aold', 9, { node: 'a', cpu: '2', started: old }),
      pod('byoung', 9, { node: 'b', cpu: '2', started: young }),
    ),
    'b: byoung',
  );
});

test('[PRE4] pods that a disruption budget protects are spared where others will do, and count against their node', () => {
  const guarded = { app: 'guarded' };
  const one = cluster([pod('guarded', 1, { node: 'a', labels: guarded }), pod('free', 5, { node: 'a' })], ['a']);
  assert.equal(shown(preempt(one, pod('new', 100), { budgets: [budget(guarded, 0)] })), 'a: free');
  const two = cluster([
    pod('guarded', 1, { node: 'a', cpu: '2', labels: guarded }),
    pod('free', 9, { node: 'b', cpu: '2' }),
  ]);
  const choice = (given: PodDisruptionBudget): string => shown(preempt(two, pod('new', 100), { budgets: [given] }));
  assert.deepEqual(
    [
      choice(budget(guarded, 0)),
      choice(budget(guarded, 1)),
      choice(budget(guarded, 0, ['guarded'])),
      choice(budget({}, 0)),
    ],
    ['b: free', 'a: guarded', 'a: guarded', 'a: guarded'],
  );
});

test('[PRE5] a pod with the policy Never drives nobody off', () => {
  const state = cluster([pod('low', 1, { node: 'a', cpu: '2' })], ['a']);
  assert.equal(
    shown(preempt(state, pod('new', 100, { spec: { preemptionPolicy: 'Never' } }))),
    'preemption: not eligible due to preemptionPolicy=Never. (keep)',
  );
});

test('[PRE6] a pod whose victims are still ending waits for them', () => {
  const leaving = {
    meta: { deletionTimestamp: '2026-01-01T00:00:30Z' },
    status: {
      phase: 'Running',
      conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }],
    },
  };
  const state = cluster([pod('low', 1, { node: 'a', cpu: '2', ...leaving }), pod('other', 1, { node: 'b', cpu: '2' })]);
  const waiting = pod('new', 100, { status: { phase: 'Pending', nominatedNodeName: 'a' } });
  assert.equal(
    shown(preempt(state, waiting)),
    'preemption: not eligible due to a terminating pod on the nominated node. (keep)',
  );
  state.setNode(aNode({ name: 'a', allocatable: { cpu: '2' }, spec: { unschedulable: true } }));
  assert.equal(shown(preempt(state, waiting)), 'b: other');
});

test('[PRE7] what was found for one pod is kept for the next of its shape, and mended where something changed', () => {
  const planner = new PreemptionPlanner();
  const state = cluster([pod('a1', 1, { node: 'a', cpu: '2' }), pod('b2', 2, { node: 'b', cpu: '2' })]);
  assert.equal(shown(preempt(state, pod('new-1', 100), { planner })), 'a: a1');
  state.setPod(pod('new-1', 100, { node: 'a' }));
  state.removePod('uid-of-a1');
  state.setPod(pod('a3', 3, { node: 'a' }));
  assert.equal(shown(preempt(state, pod('new-2', 100), { planner })), 'b: b2');
  state.setPod(pod('b2', 50, { node: 'b', cpu: '2' }));
  assert.equal(shown(preempt(state, pod('new-3', 100), { planner })), 'a: a3');
});
