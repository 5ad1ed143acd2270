/** Validates what a claim asks for. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts';
import { formatQuantity } from '../../meta/quantity.ts';
import { semanticEqual } from '../../meta/semantic-equal.ts';
import { validateLabelSelector, validateName } from '../../meta/validate-labels.ts';
import type { PersistentVolumeClaimSpec, TypedObjectReference } from '../../types/core-v1.ts';
import { readQuantity } from '../pod/resources.ts';
import { validateAccessModes } from '../volume/access-modes.ts';
import { validateClassName } from '../volume/storage-class.ts';
import { VOLUME_MODES } from '../volume/volume-modes.ts';

export function* validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): Generator<FieldError> {
  if ((spec.accessModes ?? []).length === 0)
    yield required(`${field}.accessModes`, 'at least 1 access mode is required');
  yield* validateLabelSelector(spec.selector, `${field}.selector`);
  yield* validateAccessModes(spec.accessModes ?? [], `${field}.accessModes`);
  yield* validateStorage(spec.resources?.requests?.['storage'], `${field}.resources[storage]`);
  yield* validateClassName(spec.storageClassName, `${field}.storageClassName`);
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode))
    yield notSupported(`${field}.volumeMode`, spec.volumeMode, VOLUME_MODES);
  yield* validateDataSources(spec, field);
  yield* validateClassName(spec.volumeAttributesClassName, `${field}.volumeAttributesClassName`);
}

function* validateStorage(text: string | undefined, field: string): Generator<FieldError> {
  if (text === undefined) {
    yield required(field);
    return;
  }
  const quantity = yield* readQuantity(text, field);
  if (quantity !== undefined && quantity.nanos <= 0n)
    yield invalid(field, formatQuantity(quantity), 'must be greater than zero');
}

function* validateDataSources(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  field: string,
): Generator<FieldError> {
  if (dataSource !== undefined) yield* validateDataSource(dataSource, `${field}.dataSource`);
  if (dataSourceRef !== undefined) yield* validateDataSource(dataSourceRef, `${field}.dataSourceRef`);
  if (dataSource === undefined || dataSourceRef === undefined) return;
  if (dataSourceRef.namespace)
    yield invalid(field, `${field}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified');
  else if (!semanticEqual({ ...dataSource }, { ...dataSourceRef }))
    yield invalid(field, `${field}.dataSource`, 'must match dataSourceRef');
}

function* validateDataSource(source: TypedObjectReference, field: string): Generator<FieldError> {
  const { apiGroup = '', kind, name, namespace } = source;
  if (name === '') yield required(`${field}.name`);
  if (kind === '') yield required(`${field}.kind`);
  if (apiGroup !== '') yield* validateName(apiGroup, checkDnsSubdomain, `${field}.apiGroup`);
  else if (kind !== 'PersistentVolumeClaim')
    yield invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  if (namespace) yield* validateName(namespace, checkDnsLabel, `${field}.namespace`);
}
