/** Validates the claim that a generic ephemeral volume makes when its pod is created. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden } from '../../meta/field-error.ts';
import { validateAnnotations, validateLabels } from '../../meta/validate-labels.ts';
import type { PersistentVolumeClaimTemplate } from '../../types/core-v1.ts';
import { validateClaimSpec } from '../persistent-volume-claim/spec.ts';

export function* validateClaimTemplate(template: PersistentVolumeClaimTemplate, field: string): Generator<FieldError> {
  const { labels, annotations, ...rest } = template.metadata ?? {};
  yield* validateAnnotations(annotations, `${field}.metadata.annotations`);
  yield* validateLabels(labels, `${field}.metadata.labels`);
  for (const [key, value] of Object.entries(rest))
    if (value !== undefined && value !== null && value !== '')
      yield forbidden(`${field}.metadata.${key}`, 'cannot be set');
  yield* validateClaimSpec(template.spec, `${field}.spec`);
}
