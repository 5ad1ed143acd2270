/** A claim that one holder renews: node heartbeats and leader election. */
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, notSupported } from '../meta/field-error.ts';
import { checkDnsSubdomain, checkQualifiedName } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as coordination from '../types/coordination-v1.ts';

export type Lease = coordination.Lease;

export const Lease = defineResource<Lease>(
  {
    group: 'coordination.k8s.io',
    version: 'v1',
    kind: 'Lease',
    plural: 'leases',
    namespaced: true,
  },
  {
    updates: 'conditional',
    createdByUpdates: true,
    validateName: checkDnsSubdomain,
    validate: (lease) => [...validate(lease.spec)],
    columns: [NAME_COLUMN, column('Holder', 'Who holds it.', ({ spec }) => spec.holderIdentity ?? ''), AGE_COLUMN],
  },
);

function* validate(spec: coordination.LeaseSpec): Generator<FieldError> {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions, strategy, preferredHolder } = spec;
  if (duration !== undefined && duration <= 0)
    yield invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0');
  if (transitions !== undefined && transitions < 0)
    yield invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0');
  if (strategy !== undefined) yield* validateStrategy(strategy);
  if (preferredHolder && !strategy)
    yield forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined');
}

function* validateStrategy(strategy: string): Generator<FieldError> {
  const field = 'spec.strategy.strategy'; // upstream names the field twice
  if (strategy.includes('/')) yield* validateName(strategy, checkQualifiedName, field);
  else if (strategy !== 'OldestEmulationVersion') yield notSupported(field, strategy, ['OldestEmulationVersion']);
}
