/** What may change of a persistent volume: not where its data is. */
import { describeChanges } from '../../meta/describe-changes.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid } from '../../meta/field-error.ts';
import { semanticEqual } from '../../meta/semantic-equal.ts';
import type { PersistentVolumeSpec } from '../../types/core-v1.ts';
import { sourcesOf } from './spec.ts';

export function* validateVolumeUpdate(next: PersistentVolumeSpec, stored: PersistentVolumeSpec): Generator<FieldError> {
  const [after, before] = [withoutFirstSecret(sourcesOf(next), stored), sourcesOf(stored)];
  if (!semanticEqual(after, before))
    yield forbidden(
      'spec.persistentvolumesource',
      `spec.persistentvolumesource is immutable after creation\n${describeChanges('PersistentVolumeSource', after, before)}`,
    );
  if (next.volumeMode !== stored.volumeMode) yield invalid('volumeMode', next.volumeMode, 'field is immutable');
  if (stored.nodeAffinity !== undefined && !semanticEqual(next.nodeAffinity, stored.nodeAffinity))
    yield invalid('nodeAffinity', next.nodeAffinity, 'field is immutable');
  if (stored.volumeAttributesClassName !== undefined && next.volumeAttributesClassName === undefined)
    yield forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden');
}

/** A volume may be given the secret it is expanded with after it was made. */
function withoutFirstSecret(next: PersistentVolumeSpec, stored: PersistentVolumeSpec): PersistentVolumeSpec {
  if (next.csi === undefined || stored.csi === undefined) return next;
  if (stored.csi.controllerExpandSecretRef !== undefined) return next;
  const { controllerExpandSecretRef: _given, ...csi } = next.csi;
  return { ...next, csi };
}
