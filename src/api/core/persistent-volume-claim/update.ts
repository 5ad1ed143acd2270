/** What may change of a claim: the volume it is bound to, once; how much it asks for, when it is bound; its class, when it had none. */
import { describeChanges } from '../../meta/describe-changes.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid } from '../../meta/field-error.ts';
import { compareQuantityTexts } from '../../meta/quantity-arithmetic.ts';
import { semanticEqual } from '../../meta/semantic-equal.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../types/core-v1.ts';
import { CLASS_ANNOTATION } from '../volume/storage-class.ts';

const IMMUTABLE =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function* validateClaimUpdate(
  next: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): Generator<FieldError> {
  if (!movesClassToField(next, stored)) yield* validateAnnotationKept(next, stored);
  const expected = withChangeable(next, stored);
  if (!semanticEqual(expected, stored.spec))
    yield forbidden('spec', `${IMMUTABLE}\n${describeChanges('PersistentVolumeClaimSpec', expected, stored.spec)}`);
  yield* validateSize(next, stored);
  if (next.spec.volumeMode !== stored.spec.volumeMode)
    yield invalid('volumeMode', next.spec.volumeMode, 'field is immutable');
  yield* validateAttributesClass(next.spec, stored.spec);
}

/** The class was named by the annotation; now the field names the same. */
function movesClassToField(next: PersistentVolumeClaim, stored: PersistentVolumeClaim): boolean {
  const before = stored.metadata.annotations?.[CLASS_ANNOTATION];
  const after = next.metadata.annotations?.[CLASS_ANNOTATION];
  return (
    before !== undefined &&
    stored.spec.storageClassName === undefined &&
    next.spec.storageClassName === before &&
    (after === undefined || after === before)
  );
}

function* validateAnnotationKept(next: PersistentVolumeClaim, stored: PersistentVolumeClaim): Generator<FieldError> {
  const after = next.metadata.annotations?.[CLASS_ANNOTATION] ?? '';
  if (after !== (stored.metadata.annotations?.[CLASS_ANNOTATION] ?? ''))
    yield invalid(`metadata.annotations[${CLASS_ANNOTATION}]`, after, 'field is immutable');
}

/** The spec with all that may change as it is stored: what still differs then must not. */
function withChangeable({ spec }: PersistentVolumeClaim, stored: PersistentVolumeClaim): PersistentVolumeClaimSpec {
  const changeable = ['volumeAttributesClassName'];
  if (!stored.spec.volumeName) changeable.push('volumeName');
  if (mayTakeClass(spec, stored)) changeable.push('storageClassName');
  const next = withStored(spec, stored.spec, changeable);
  const storage = requested(stored);
  if (stored.status?.phase !== 'Bound' || storage === undefined) return next;
  return { ...next, resources: { ...next.resources, requests: { ...next.resources?.requests, storage } } };
}

function mayTakeClass({ storageClassName }: PersistentVolumeClaimSpec, stored: PersistentVolumeClaim): boolean {
  const annotated = stored.metadata.annotations?.[CLASS_ANNOTATION];
  const isFree = annotated === undefined || annotated === storageClassName;
  return stored.spec.storageClassName === undefined && isFree;
}

const requested = ({ spec }: PersistentVolumeClaim): string | undefined => spec.resources?.requests?.['storage'];

function withStored(
  next: PersistentVolumeClaimSpec,
  stored: PersistentVolumeClaimSpec,
  keys: readonly string[],
): PersistentVolumeClaimSpec {
  return Object.fromEntries([
    ...Object.entries(next).filter(([key]) => !keys.includes(key)),
    ...Object.entries(stored).filter(([key]) => keys.includes(key)),
  ]) as PersistentVolumeClaimSpec;
}

function* validateSize(next: PersistentVolumeClaim, stored: PersistentVolumeClaim): Generator<FieldError> {
  const wanted = requested(next) ?? '0';
  if (compareQuantityTexts(wanted, requested(stored) ?? '0') >= 0) return;
  const { storage = '0' } = stored.status?.capacity ?? {};
  // Who asked for more than there is may ask for less again, but not for less than there is already.
  if (compareQuantityTexts(wanted, storage) <= 0)
    yield forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity');
}

function* validateAttributesClass(
  { volumeAttributesClassName: next }: PersistentVolumeClaimSpec,
  { volumeAttributesClassName: stored }: PersistentVolumeClaimSpec,
): Generator<FieldError> {
  if (stored === undefined || stored === next) return;
  const field = 'spec.volumeAttributesClassName';
  if (next === undefined) yield forbidden(field, 'update from non-nil value to nil is forbidden');
  else if (next === '') yield forbidden(field, 'update from non-nil value to an empty string is forbidden');
}
