/** Validates references to objects by kind and name, whatever their version. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import { checkPathSegment } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import type { CrossVersionObjectReference } from '../types/autoscaling-v2.ts';

export function* validateReference({ kind, name }: CrossVersionObjectReference, field: string): Generator<FieldError> {
  if (kind === '') yield required(`${field}.kind`);
  else yield* validateName(kind, checkPathSegment, `${field}.kind`);
  if (name === '') yield required(`${field}.name`);
  else yield* validateName(name, checkPathSegment, `${field}.name`);
}

/** The only kind of the core group that can be scaled. */
const CORE_SCALABLE = 'ReplicationController';

/** What is scaled must be found by its group. */
export function* validateTargetVersion(
  { apiVersion = '', kind }: CrossVersionObjectReference,
  field: string,
): Generator<FieldError> {
  const hasGroup = apiVersion.includes('/') && !apiVersion.startsWith('/');
  if (isVersion(apiVersion) && !hasGroup && kind !== CORE_SCALABLE)
    yield invalid(`${field}.apiVersion`, apiVersion, 'apiVersion must specify API group');
  else yield* validateVersion(apiVersion, field);
}

export function* validateVersion(apiVersion: string, field: string): Generator<FieldError> {
  if (!isVersion(apiVersion))
    yield invalid(`${field}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
}

const isVersion = (apiVersion: string): boolean => apiVersion.split('/').length <= 2;
