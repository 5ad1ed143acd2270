import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newMeta } from '#test/builders/kinds';
import { Lease } from './lease.ts';

const aLease = (spec: Lease['spec']): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: newMeta('n1'),
  spec,
});

const CASES: readonly (readonly [string, Lease['spec'], readonly string[]])[] = [
  ['a holder for 40 seconds', { holderIdentity: 'n1', leaseDurationSeconds: 40 }, []],
  ['no time', { leaseDurationSeconds: 0 }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  [
    'negative transitions',
    { leaseTransitions: -1 },
    ['spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'a preference without strategy',
    { preferredHolder: 'a' },
    ['spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[KIN60] a lease with ${what} is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(create(Lease, aLease(spec)).errors, errors);
  });
}

test('[KIN60] the table of leases shows who holds them', () => {
  assert.equal(Lease.columns[1]?.cell(aLease({ holderIdentity: 'n1' }), 0), 'n1');
});
