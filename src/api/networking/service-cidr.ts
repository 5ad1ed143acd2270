/** The ranges that addresses of services come from. */
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import { isDualStack, validateCidr } from '../meta/ip.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as networking from '../types/networking-v1.ts';

export type ServiceCIDR = networking.ServiceCIDR;

export const ServiceCIDR = defineResource<ServiceCIDR>(
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'ServiceCIDR',
    plural: 'servicecidrs',
    namespaced: false,
  },
  {
    hasStatus: true,
    prepareForCreate: (range) => ({ ...range, status: {} }),
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validateRanges(spec, 'spec.cidrs')],
    validateUpdate: (next, stored) => [...validateUpdate(next.spec.cidrs ?? [], stored.spec.cidrs ?? [])],
    columns: [
      NAME_COLUMN,
      column('CIDRs', 'The ranges, one of each address family at most.', ({ spec }) => (spec.cidrs ?? []).join(',')),
      AGE_COLUMN,
    ],
  },
);

const MOST_RANGES = 2;

function* validateRanges(spec: networking.ServiceCIDRSpec, field: string): Generator<FieldError> {
  const { cidrs = [] } = spec;
  if (cidrs.length === 0) yield required(field, 'at least one CIDR required');
  if (cidrs.length > MOST_RANGES) {
    yield invalid(field, spec, 'may only hold up to 2 values');
    return;
  }
  const problems = cidrs.flatMap((range, index) => [...validateCidr(range, `${field}[${index}]`)]);
  yield* problems;
  if (problems.length === 0 && cidrs.length === MOST_RANGES && !isDualStack(cidrs))
    yield invalid(
      field,
      cidrs,
      'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    );
}

/** Services have addresses of it: nothing of it goes, but a range of the other family may come. */
function* validateUpdate(next: readonly string[], stored: readonly string[]): Generator<FieldError> {
  const gainsFamily = stored.length === 1 && next.length === MOST_RANGES;
  if (next.length !== stored.length && !gainsFamily) {
    yield invalid('spec.cidrs', next, 'field is immutable');
    return;
  }
  for (const [index, range] of stored.entries())
    if (next[index] !== range) yield invalid(`spec.cidrs[${index}]`, next[index], 'field is immutable');
}
