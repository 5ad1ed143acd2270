/** A claim to devices: what is asked for, and once it is allocated which devices these are and who uses them. */
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import { invalid } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { defineResource } from '../resource.ts';
import type * as resource from '../types/resource-v1.ts';
import { validateClaimStatus } from './claim-status.ts';
import { validateDeviceClaim } from './device-claim.ts';
import { withoutGatedRequests, withRequestDefaults } from './requests.ts';

export type ResourceClaim = resource.ResourceClaim;

export const ResourceClaim = defineResource<ResourceClaim>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim', plural: 'resourceclaims', namespaced: true },
  {
    hasStatus: true,
    applyDefaults: (claim) => ({
      ...claim,
      spec: { ...claim.spec, devices: withRequestDefaults(claim.spec.devices) },
      status: claim.status ?? {},
    }),
    prepareForCreate: (claim) => ({
      ...claim,
      spec: { ...claim.spec, devices: withoutGatedRequests(claim.spec.devices) },
      status: {},
    }),
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validateDeviceClaim(spec.devices ?? {}, 'spec.devices')],
    validateUpdate: (next, stored) =>
      semanticEqual(next.spec, stored.spec) ? [] : [invalid('spec', next.spec, 'field is immutable')],
    validateStatusUpdate: (next, stored) => [...validateClaimStatus(next, stored)],
    columns: [
      NAME_COLUMN,
      column('State', 'Whether devices are allocated, and reserved for users.', stateOf),
      AGE_COLUMN,
    ],
  },
);

function stateOf({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const states = isDeleted ? ['deleted'] : [];
  if (status?.allocation === undefined) return (isDeleted ? states : ['pending']).join(',');
  const isReserved = (status.reservedFor ?? []).length > 0;
  return [...states, 'allocated', ...(isReserved ? ['reserved'] : [])].join(',');
}
