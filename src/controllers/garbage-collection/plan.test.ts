import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/types/core-v1';
import type { OwnerReference } from '#api/types/meta-v1';
import { aPod, CREATED } from '#test/builders/workloads';
import { planEnding, planOwned, unblocked, type OwnerState } from './plan.ts';

const anOwner = (uid: string): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name: uid,
  uid,
  blockOwnerDeletion: true,
});
const owners = (...states: readonly OwnerState[]) => states.map((state) => ({ reference: anOwner(state), state }));

test('[CTL63] with an owner left, an object stays and forgets those that are gone; without one it goes', () => {
  const object = aPod();
  const plan = (states: readonly OwnerState[], dependents: readonly Pod[] = []) =>
    planOwned({ object, owners: owners(...states), dependents: () => dependents });
  assert.deepEqual(plan([]), { act: 'keep' });
  assert.deepEqual(plan(['solid']), { act: 'keep' });
  assert.deepEqual(plan(['solid', 'absent', 'waiting']), { act: 'forget', uids: new Set(['absent', 'waiting']) });
  assert.deepEqual(plan(['absent']), { act: 'remove', propagationPolicy: 'Background' });
  assert.deepEqual(plan(['waiting'], [aPod()]), { act: 'remove', propagationPolicy: 'Foreground' });
  assert.deepEqual(plan(['waiting']), { act: 'remove', propagationPolicy: 'Background' });
  const orphaning = { ...object, metadata: { ...object.metadata, finalizers: ['orphan'] } };
  assert.deepEqual(planOwned({ object: orphaning, owners: owners('absent'), dependents: () => [aPod()] }), {
    act: 'remove',
    propagationPolicy: 'Orphan',
  });
});

test('[CTL66] what waits for its owner while something of its own waits holds its owner up no longer', () => {
  const object = aPod({ meta: { ownerReferences: [anOwner('first')] } });
  const waiting = aPod({ meta: { deletionTimestamp: CREATED, finalizers: ['foregroundDeletion'] } });
  const plan = planOwned({ object, owners: owners('waiting'), dependents: () => [aPod(), waiting] });
  assert.deepEqual(plan, { act: 'unblock' });
  const [owner] = unblocked(object).metadata.ownerReferences ?? [];
  assert.deepEqual(owner, { ...anOwner('first'), blockOwnerDeletion: false });
});

test('[CTL64] an object that is deleted in the foreground waits for dependents that block it', () => {
  const ending = aPod({ meta: { deletionTimestamp: CREATED, finalizers: ['foregroundDeletion'] } });
  const { uid } = ending.metadata;
  const blocking = aPod({ name: 'b', meta: { ownerReferences: [anOwner(uid)] } });
  const free = aPod({ name: 'f', meta: { ownerReferences: [{ ...anOwner(uid), blockOwnerDeletion: false }] } });
  assert.deepEqual(
    [planEnding(ending, [free, blocking]), planEnding(ending, [free]), planEnding(aPod(), [blocking])],
    ['wait', 'release', 'nothing'],
  );
});
