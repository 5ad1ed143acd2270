/** Validates the claim that a generic ephemeral volume makes when its pod is created. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts';
import { formatQuantity } from '../../meta/quantity.ts';
import { semanticEqual } from '../../meta/semantic-equal.ts';
import {
  validateAnnotations,
  validateLabels,
  validateLabelSelector,
  validateName,
} from '../../meta/validate-labels.ts';
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedObjectReference,
} from '../../types/core-v1.ts';
import { readQuantity } from './resources.ts';

export function* validateClaimTemplate(template: PersistentVolumeClaimTemplate, field: string): Generator<FieldError> {
  const { labels, annotations, ...rest } = template.metadata ?? {};
  yield* validateAnnotations(annotations, `${field}.metadata.annotations`);
  yield* validateLabels(labels, `${field}.metadata.labels`);
  for (const [key, value] of Object.entries(rest))
    if (value !== undefined && value !== null && value !== '')
      yield forbidden(`${field}.metadata.${key}`, 'cannot be set');
  yield* validateClaimSpec(template.spec, `${field}.spec`);
}

const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];

function* validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): Generator<FieldError> {
  yield* validateAccessModes(spec.accessModes ?? [], `${field}.accessModes`);
  yield* validateLabelSelector(spec.selector, `${field}.selector`);
  yield* validateStorage(spec.resources?.requests?.['storage'], `${field}.resources[storage]`);
  yield* validateClassName(spec.storageClassName, `${field}.storageClassName`);
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode))
    yield notSupported(`${field}.volumeMode`, spec.volumeMode, VOLUME_MODES);
  yield* validateDataSources(spec, field);
  yield* validateClassName(spec.volumeAttributesClassName, `${field}.volumeAttributesClassName`);
}

function* validateAccessModes(modes: readonly string[], field: string): Generator<FieldError> {
  if (modes.length === 0) yield required(field, 'at least 1 access mode is required');
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) yield notSupported(field, mode, ACCESS_MODES);
  const known = new Set(modes.filter((mode) => ACCESS_MODES.includes(mode)));
  if (known.has('ReadWriteOncePod') && known.size > 1)
    yield forbidden(field, 'may not use ReadWriteOncePod with other access modes');
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

function* validateClassName(name: string | undefined, field: string): Generator<FieldError> {
  if (name) yield* validateName(name, checkDnsSubdomain, field);
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
