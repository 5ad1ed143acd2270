/** Validates a volume that is described where it is attached, in place of naming one. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, required } from '../../meta/field-error.ts';
import type { PersistentVolumeSpec } from '../../types/core-v1.ts';
import { validateVolumeSource } from './sources.ts';
import { sourcesOf, validateModes } from './spec.ts';

const INLINE = 'in the context of inline volumes';

/** What only a volume with a claim and a life of its own has. */
const NOT_INLINE = ['claimRef', 'capacity', 'nodeAffinity', 'storageClassName'] as const;

/** A volume that is described where it is attached is only attached. */
export function* validateInlineVolume(spec: PersistentVolumeSpec, field: string): Generator<FieldError> {
  for (const key of NOT_INLINE)
    if (!isEmpty(spec[key])) yield forbidden(`${field}.${key}`, `may not be specified ${INLINE}`);
  if (spec.csi === undefined) yield required(`${field}.csi`, `has to be specified ${INLINE}`);
  yield* validateModes(spec, field);
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode = 'Filesystem' } = spec;
  if (policy !== '' && policy !== 'Retain')
    yield forbidden(`${field}.persistentVolumeReclaimPolicy`, `may only be Retain ${INLINE}`);
  yield* validateVolumeSource(sourcesOf(spec), { field, name: '' });
  if (volumeMode !== 'Filesystem')
    yield forbidden(`${field}.volumeMode`, `may not specify volumeMode other than Filesystem ${INLINE}`);
}

const isEmpty = (value: object | string | undefined): boolean =>
  value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
