import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNode } from '#test/builders/nodes';
import { aPod, CREATED } from '#test/builders/workloads';
import { planLoss, planSurplus } from './plan.ts';

const ending = { deletionTimestamp: CREATED };
const placed = { nodeName: 'node-1' };

test('[CTL59] a pod is lost when its node is gone, when it was never placed, or when its node is out of service', () => {
  const broken = aNode({
    spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] },
    status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
  });
  assert.deepEqual(
    [
      planLoss(aPod({ spec: placed }), undefined),
      planLoss(aPod({ meta: ending }), undefined),
      planLoss(aPod({ meta: ending, spec: placed }), broken),
      planLoss(aPod({ spec: placed }), broken),
      planLoss(aPod({ meta: ending, spec: placed }), aNode()),
      planLoss(aPod(), undefined),
    ],
    ['orphaned', 'unscheduled', 'out-of-service', undefined, undefined, undefined],
  );
});

test('[CTL59] of too many ended pods the evicted and then the oldest go', () => {
  const ended = (name: string, second: number, reason?: string) =>
    aPod({
      name,
      meta: { creationTimestamp: `2026-01-01T00:00:0${second}Z` },
      status: { phase: 'Failed', ...(reason === undefined ? {} : { reason }) },
    });
  const pods = [ended('new', 3), ended('old', 1), ended('evicted', 4, 'Evicted'), ended('middle', 2)];
  assert.deepEqual(
    planSurplus(pods, 2).map(({ metadata }) => metadata.name),
    ['evicted', 'old'],
  );
  assert.deepEqual(planSurplus(pods, 4), []);
});
