/** Validates the template that workloads make pods from. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden } from '../../meta/field-error.ts';
import { validateAnnotations, validateLabels } from '../../meta/validate-labels.ts';
import type { PodTemplateSpec } from '../../types/core-v1.ts';
import { validateAnnotationsAgree, validatePodAnnotations } from './annotations.ts';
import { validatePodSpec } from './spec.ts';

export function* validatePodTemplate(template: PodTemplateSpec, field: string): Generator<FieldError> {
  const { labels, annotations = {} } = template.metadata ?? {};
  const { spec } = template;
  yield* validateLabels(labels, `${field}.labels`);
  yield* validateAnnotations(annotations, `${field}.annotations`);
  yield* validatePodAnnotations(annotations, spec, `${field}.annotations`);
  yield* validatePodSpec(spec, `${field}.spec`, { name: '', isPod: false });
  yield* validateAnnotationsAgree(annotations, spec, `${field}.spec`);
  if ((spec.ephemeralContainers ?? []).length > 0)
    yield forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template');
}
