import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectorFrom } from '#api/meta/label-selector';
import { controllerReference } from '#api/meta/owner-reference';
import { aPod, aReplicaSet, CREATED } from '#test/builders/workloads';
import { planClaim } from './plan.ts';

test("[CTL4] an owner keeps what it selects, takes orphans it selects, lets go what it no longer selects, and leaves alone what is others'", () => {
  const owner = aReplicaSet();
  const type = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };
  const ownerReferences = [controllerReference(owner, type)];
  const others = [controllerReference(aReplicaSet({ name: 'other' }), type)];
  const labels = { app: 'api' };
  const pods = [
    aPod({ name: 'owned', meta: { ownerReferences } }),
    aPod({ name: 'orphan' }),
    aPod({ name: 'relabelled', meta: { ownerReferences, labels } }),
    aPod({ name: 'other', meta: { ownerReferences: others } }),
    aPod({ name: 'stranger', meta: { labels } }),
    aPod({ name: 'ending', meta: { deletionTimestamp: CREATED } }),
  ];
  const named = (set: typeof owner) => {
    const plan = planClaim(set, selectorFrom(set.spec.selector), pods);
    return Object.values(plan).map((group) => group.map(({ metadata }) => metadata.name));
  };
  assert.deepEqual(named(owner), [['owned'], ['orphan'], ['relabelled']]);
  const ending = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: CREATED } };
  assert.deepEqual(named(ending), [['owned'], [], []]);
});
