import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Taint, Toleration } from '#api/types/core-v1';
import { aNode } from '#test/builders/nodes';
import { aPod, CREATED } from '#test/builders/workloads';
import { planEvictionInMs } from './plan.ts';

const nowMs = Date.parse('2026-01-01T00:01:00Z');
const aTaint = (key: string, effect = 'NoExecute'): Taint => ({ key, effect, timeAdded: CREATED });
const exists = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

const evictionInMs = (taints: readonly Taint[], tolerations: readonly Toleration[]) =>
  planEvictionInMs(aPod({ spec: { tolerations } }), aNode({ spec: { taints } }), { nowMs, sinceMs: nowMs - 10_000 });

test('[CTL58] a pod goes when the first taint that it no longer tolerates says so, counted from when the taint was set', () => {
  assert.equal(evictionInMs([], []), undefined);
  assert.equal(evictionInMs([aTaint('a')], []), 0);
  assert.equal(evictionInMs([aTaint('a', 'NoSchedule')], []), undefined);
  assert.equal(evictionInMs([aTaint('a')], [exists('a')]), undefined);
  assert.equal(evictionInMs([aTaint('a')], [exists('a', 300)]), 240_000);
  assert.equal(evictionInMs([aTaint('a')], [exists('a', 300), exists('a', 90)]), 30_000);
  assert.equal(evictionInMs([aTaint('a'), aTaint('b')], [exists('a', 300), exists('b', 120)]), 60_000);
  assert.equal(evictionInMs([aTaint('a'), aTaint('b')], [exists('a', 300)]), 0);
  assert.equal(evictionInMs([aTaint('a')], [exists('a', -5)]), 0);
});

test('[CTL58b] a pod that is placed where the taint has long been has its time too; one that has ended goes as others do', () => {
  const node = aNode({ spec: { taints: [aTaint('a')] } });
  const spec = { tolerations: [exists('a', 30)] };
  const status = {
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:55Z' }],
  };
  const times = { nowMs, sinceMs: nowMs };
  assert.equal(planEvictionInMs(aPod({ spec, status }), node, times), 25_000);
  assert.equal(planEvictionInMs(aPod({ spec, status: { ...status, phase: 'Succeeded' } }), node, times), 25_000);
  assert.equal(planEvictionInMs(aPod({ spec, status, meta: { deletionTimestamp: CREATED } }), node, times), undefined);
});

test('[CTL58] a taint that does not say when it was set counts from when it was seen', () => {
  const { timeAdded: _, ...unsaid } = aTaint('a');
  assert.equal(evictionInMs([unsaid], [exists('a', 30)]), 20_000);
  assert.equal(evictionInMs([unsaid], [exists('a', 10)]), 0);
});
