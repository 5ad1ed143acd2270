import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReplicaSet } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import { aPod, aReplicaSet, CREATED, readyStatus } from '#test/builders/workloads';
import { countPods } from './count-pods.ts';
import { planReplicas, planReplicaSetStatus, planRestMs } from './plan.ts';
import { planVictims } from './plan-victims.ts';
import { inSlowStart } from './slow-start.ts';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const names = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata.name);
const on = (nodeName: string) => ({ nodeName });
const ready = readyStatus();

const aSnapshot = (set: ReplicaSet, have: readonly Pod[]) => ({
  set,
  pods: have,
  counts: countPods(set, have, nowMs),
  related: () => [],
  nowMs,
});

const pods = (count: number, parts: Parameters<typeof aPod>[0] = {}): readonly Pod[] =>
  Array.from({ length: count }, (_each, at) => aPod({ ...parts, name: `web-${at}` }));

test('[CTL20] missing pods are created and surplus ones removed, at most 500 at a time, ended ones not counted', () => {
  const plan = (replicas: number, have: readonly Pod[]) => {
    const { create, remove } = planReplicas(aSnapshot(aReplicaSet({ replicas }), have));
    return [create, remove.length];
  };
  const ended = aPod({ name: 'ended', status: { phase: 'Failed' } });
  const ending = aPod({ name: 'ending', meta: { deletionTimestamp: CREATED } });
  assert.deepEqual(plan(3, [...pods(2), ended, ending]), [1, 0]);
  assert.deepEqual(plan(1, pods(3)), [0, 2]);
  assert.deepEqual(plan(2000, []), [500, 0]);
  assert.deepEqual(plan(0, pods(600)), [0, 500]);
});

test('[CTL20] a replica set that is being deleted leaves its pods alone', () => {
  const set = aReplicaSet({ replicas: 3, meta: { deletionTimestamp: CREATED } });
  assert.deepEqual(planReplicas(aSnapshot(set, [])), { create: 0, remove: [] });
});

test('[CTL21] those go first whose loss costs least', () => {
  const cost = { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } };
  const restarted = {
    ...ready,
    containerStatuses: [{ name: 'web', ready: true, restartCount: 4, image: '', imageID: '' }],
  };
  const initContainer = (restartPolicy?: string) => ({
    name: 'i',
    image: 'i',
    ...(restartPolicy && { restartPolicy }),
  });
  const begunOften = {
    ...ready,
    initContainerStatuses: [{ name: 'i', ready: true, restartCount: 9, image: '', imageID: '' }],
  };
  const ordered = [
    aPod({ name: 'unassigned', status: { phase: 'Pending' } }),
    aPod({ name: 'pending', spec: on('a'), status: { phase: 'Pending' } }),
    aPod({ name: 'unready', spec: on('a') }),
    aPod({ name: 'cheap', spec: on('a'), meta: cost, status: ready }),
    aPod({ name: 'crowded', spec: on('crowd'), status: ready }),
    aPod({ name: 'young', spec: on('a'), status: readyStatus('2026-01-01T23:59:00Z') }),
    aPod({ name: 'restarted', spec: on('a'), status: restarted }),
    aPod({ name: 'sidecar', spec: { ...on('a'), initContainers: [initContainer('Always')] }, status: begunOften }),
    aPod({ name: 'new', spec: on('a'), status: ready, meta: { creationTimestamp: '2026-01-01T23:59:00Z' } }),
    aPod({ name: 'good', spec: { ...on('a'), initContainers: [initContainer()] }, status: begunOften }),
  ];
  // All nodes but one carry the same number of related pods.
  const related = [
    ...ordered.map((pod) => ({ ...pod, spec: { ...pod.spec, ...on('a') } })),
    ...pods(20, { spec: on('crowd') }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(ordered, { minLength: 1 }), fc.nat(8), (some, count) => {
      const expected = names(ordered.filter((pod) => some.includes(pod))).slice(0, count);
      const chosen = names(planVictims(some, count, { related, nowMs }));
      assert.deepEqual(
        count >= some.length ? chosen.toSorted() : chosen,
        count >= some.length ? expected.toSorted() : expected,
      );
    }),
  );
});

test('[CTL22] the status counts pods by what they are, and availability waits for minReadySeconds', () => {
  const set = aReplicaSet({ replicas: 4, minReadySeconds: 60, meta: { generation: 7 } });
  const snapshot = aSnapshot(set, [
    aPod({ name: 'a', status: ready }),
    aPod({ name: 'b', status: readyStatus('2026-01-01T23:59:40Z') }),
    aPod({ name: 'c', meta: { labels: { other: 'label' } } }),
    aPod({ name: 'd', meta: { deletionTimestamp: CREATED } }),
    aPod({ name: 'e', status: { phase: 'Succeeded' } }),
  ]);
  assert.deepEqual(planReplicaSetStatus(snapshot, undefined), {
    replicas: 3,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 1,
    observedGeneration: 7,
  });
  assert.equal(snapshot.counts.nextAvailableInMs, 40_000);
});

test('[CTL23] a failure is told in a condition until it is over', () => {
  const snapshot = aSnapshot(aReplicaSet({ replicas: 1 }), []);
  const failed = planReplicaSetStatus(snapshot, 'quota exceeded');
  assert.deepEqual(failed.conditions, [
    {
      type: 'ReplicaFailure',
      status: 'True',
      lastTransitionTime: '2026-01-02T00:00:00Z',
      reason: 'FailedCreate',
      message: 'quota exceeded',
    },
  ]);
  const again = { ...snapshot, set: { ...snapshot.set, status: failed } };
  assert.deepEqual(planReplicaSetStatus(again, 'another').conditions, failed.conditions);
  assert.equal(planReplicaSetStatus(again, undefined).conditions, undefined);
});

test('[CTL24] creations start with one and double while they go well; a failure ends them', async () => {
  const batches: number[] = [];
  let running = 0;
  const act = async (): Promise<Error | undefined> => {
    running++;
    await Promise.resolve();
    if (running > 0) batches.push(running);
    running = 0;
    return undefined;
  };
  assert.equal(await inSlowStart(12, act), undefined);
  assert.deepEqual(batches, [1, 2, 4, 5]);
  let tries = 0;
  const failing = async (): Promise<Error | undefined> => (++tries >= 3 ? new Error('no') : undefined);
  assert.equal((await inSlowStart(100, failing))?.message, 'no');
  assert.equal(tries, 3);
});

test('[CTL20c] the more pods a set has, the more of their changes are counted together; a set that lacks some does not wait', () => {
  const rest = (replicas: number, have: number) => planRestMs(aSnapshot(aReplicaSet({ replicas }), pods(have)));
  assert.deepEqual(
    [rest(99, 99), rest(100, 100), rest(1000, 1000), rest(9000, 9000), rest(1000, 999)],
    [undefined, 200, 2000, 5000, undefined],
  );
});
