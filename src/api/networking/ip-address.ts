/** That an address of the services' ranges is in use, and by what. */
import { column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import { canonicalIp } from '../meta/ip.ts';
import { checkDnsSubdomain, checkPathSegment } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as networking from '../types/networking-v1.ts';

export type IPAddress = networking.IPAddress;

export const IPAddress = defineResource<IPAddress>(
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'IPAddress',
    plural: 'ipaddresses',
    namespaced: false,
  },
  {
    shortNames: ['ip'],
    validateName: checkAddress,
    validate: ({ spec }) => [...validateParent(spec.parentRef, 'spec.parentRef')],
    validateUpdate: (next, stored) =>
      semanticEqual(next.spec.parentRef, stored.spec.parentRef)
        ? []
        : [invalid('spec.parentRef', next.spec.parentRef, 'field is immutable')],
    columns: [NAME_COLUMN, column('ParentRef', 'What has the address.', parentText)],
  },
);

/** In the one form that all writings of it share: two objects cannot stand for one address. */
function checkAddress(name: string): readonly string[] {
  const canonical = canonicalIp(name);
  if (canonical === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  return canonical === name ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

function* validateParent(parent: networking.ParentReference | undefined, field: string): Generator<FieldError> {
  if (parent === undefined) {
    yield required(field);
    return;
  }
  const { group = '', resource, name, namespace = '' } = parent;
  if (group !== '') yield* validateName(group, checkDnsSubdomain, `${field}.group`);
  if (resource === '') yield required(`${field}.resource`);
  else yield* validateName(resource, checkPathSegment, `${field}.resource`);
  if (name === '') yield required(`${field}.name`);
  else yield* validateName(name, checkPathSegment, `${field}.name`);
  if (namespace !== '') yield* validateName(namespace, checkPathSegment, `${field}.namespace`);
}

/** `services/default/kubernetes`. */
function parentText({ spec: { parentRef } }: IPAddress): string {
  const { group = '', resource, namespace = '', name } = parentRef;
  const kind = group === '' ? resource : `${resource}.${group}`;
  return [kind, namespace, name].filter((part) => part !== '').join('/');
}
