/** Validates a persistent volume, and the volume that an attachment describes in place of naming one. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkDnsSubdomain } from '../../meta/names.ts';
import { formatQuantity } from '../../meta/quantity.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { PersistentVolumeSpec } from '../../types/core-v1.ts';
import { validateNodeSelector } from '../pod/affinity.ts';
import { readQuantity } from '../pod/resources.ts';
import { validateAccessModes } from '../volume/access-modes.ts';
import { validateClassName } from '../volume/storage-class.ts';
import { VOLUME_MODES } from '../volume/volume-modes.ts';
import { validateVolumeSource, type VolumePlace } from './sources.ts';

const RECLAIM_POLICIES: readonly string[] = ['Delete', 'Recycle', 'Retain'];

export function* validateVolumeSpec(spec: PersistentVolumeSpec, place: VolumePlace): Generator<FieldError> {
  const { field } = place;
  yield* validateModes(spec, field);
  yield* validateCapacity(spec.capacity ?? {}, `${field}.capacity`);
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode } = spec;
  if (policy !== '' && !RECLAIM_POLICIES.includes(policy))
    yield notSupported(`${field}.persistentVolumeReclaimPolicy`, policy, RECLAIM_POLICIES);
  yield* validateNodeAffinity(spec, `${field}.nodeAffinity`);
  yield* validateVolumeSource(sourcesOf(spec), place);
  if (spec.local !== undefined && spec.nodeAffinity === undefined)
    yield required(`${field}.nodeAffinity`, 'Local volume requires node affinity');
  yield* validateRecycling(spec, field);
  yield* validateClassName(spec.storageClassName, `${field}.storageClassName`);
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode))
    yield notSupported(`${field}.volumeMode`, volumeMode, VOLUME_MODES);
  yield* validateAttributesClass(spec, field);
}

/** What is left of the spec without the fields that every volume has. */
export function sourcesOf(spec: PersistentVolumeSpec): PersistentVolumeSpec {
  const {
    accessModes: _accessModes,
    capacity: _capacity,
    claimRef: _claimRef,
    mountOptions: _mountOptions,
    nodeAffinity: _nodeAffinity,
    persistentVolumeReclaimPolicy: _policy,
    storageClassName: _class,
    volumeAttributesClassName: _attributes,
    volumeMode: _mode,
    ...sources
  } = spec;
  return sources;
}

export function* validateModes({ accessModes = [] }: PersistentVolumeSpec, field: string): Generator<FieldError> {
  if (accessModes.length === 0) yield required(`${field}.accessModes`);
  yield* validateAccessModes(accessModes, `${field}.accessModes`);
}

function* validateCapacity(capacity: Readonly<Record<string, string>>, field: string): Generator<FieldError> {
  const names = Object.keys(capacity);
  if (names.length === 0) yield required(field);
  if (names.length !== 1 || names[0] !== 'storage') yield notSupported(field, capacity, ['storage']);
  for (const [name, text] of Object.entries(capacity)) {
    const quantity = yield* readQuantity(text, `${field}[${name}]`);
    if (quantity !== undefined && quantity.nanos <= 0n)
      yield invalid(`${field}[${name}]`, formatQuantity(quantity), 'must be greater than zero');
  }
}

function* validateNodeAffinity({ nodeAffinity }: PersistentVolumeSpec, field: string): Generator<FieldError> {
  if (nodeAffinity === undefined) return;
  if (nodeAffinity.required === undefined)
    yield required(`${field}.required`, 'must specify required node constraints');
  else yield* validateNodeSelector(nodeAffinity.required, `${field}.required`);
}

function* validateRecycling(spec: PersistentVolumeSpec, field: string): Generator<FieldError> {
  const isRoot = spec.hostPath !== undefined && /^\/(\.?\/)*\.?$/.test(spec.hostPath.path);
  if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle')
    yield forbidden(`${field}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'");
}

function* validateAttributesClass(spec: PersistentVolumeSpec, field: string): Generator<FieldError> {
  const { volumeAttributesClassName: name } = spec;
  if (name === undefined) return;
  if (name === '') yield required(`${field}.volumeAttributesClassName`, 'an empty string is disallowed');
  else yield* validateName(name, checkDnsSubdomain, `${field}.volumeAttributesClassName`);
  if (spec.csi === undefined)
    yield required(`${field}.csi`, 'has to be specified when using volumeAttributesClassName');
}
