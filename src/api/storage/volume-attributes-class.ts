/** Settings of volumes that can change while they are in use: a driver's name for them, and their values. */
import { AGE_COLUMN, column, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, required } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { defineResource } from '../resource.ts';
import type * as storage from '../types/storage-v1.ts';
import { validateParameters, validateProvisioner } from './parameters.ts';

export type VolumeAttributesClass = storage.VolumeAttributesClass;

export const VolumeAttributesClass = defineResource<VolumeAttributesClass>(
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'VolumeAttributesClass',
    plural: 'volumeattributesclasses',
    namespaced: false,
  },
  {
    shortNames: ['vac'],
    validateName: checkDnsSubdomain,
    validate: (attributes) => [...validate(attributes)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    columns: [
      NAME_COLUMN,
      column('DriverName', 'The driver that understands the settings.', ({ driverName }) => driverName),
      AGE_COLUMN,
    ],
  },
);

function* validate({ driverName, parameters = {} }: VolumeAttributesClass): Generator<FieldError> {
  yield* validateProvisioner(driverName, 'driverName');
  yield* validateParameters(parameters, 'parameters');
  if (Object.keys(parameters).length === 0) yield required('parameters', 'must contain at least one key/value pair');
}

function* validateUpdate(next: VolumeAttributesClass, stored: VolumeAttributesClass): Generator<FieldError> {
  if (next.driverName !== stored.driverName) yield forbidden('driverName', 'updates to driverName are forbidden.');
  if (!semanticEqual(next.parameters ?? {}, stored.parameters ?? {}))
    yield forbidden('parameters', 'updates to parameters are forbidden.');
}
