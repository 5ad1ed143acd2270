/** Validates a pod: its spec, and what only pods must meet, not the templates they are made from. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, joinErrors, NO_ERRORS } from '../../meta/field-error.ts';
import type { Pod, PodSpec } from '../../types/core-v1.ts';
import { validateAnnotationsAgree, validatePodAnnotations } from './annotations.ts';
import { validateImageTrimmed } from './containers.ts';
import { validatePodSpec, validateTokenVolumes } from './spec.ts';

export function validatePod(pod: Pod): readonly FieldError[] {
  const { annotations } = pod.metadata;
  return joinErrors([
    annotations === undefined ? NO_ERRORS : [...validatePodAnnotations(annotations, pod.spec, 'metadata.annotations')],
    validateSpecOnce(pod),
    isNew(pod) ? validateNewPod(pod) : NO_ERRORS,
  ]);
}

/** An object that has not been stored yet has no resourceVersion. */
export const isNew = ({ metadata }: Pod): boolean => metadata.resourceVersion === '';

// Specs are immutable, and pods of one template share theirs: what was found sound once is sound.
const sound = new WeakSet<PodSpec>();

function validateSpecOnce(pod: Pod): readonly FieldError[] {
  const { spec } = pod;
  if (sound.has(spec)) return NO_ERRORS;
  const problems = [...validateWholeSpec(pod)];
  // The claims of ephemeral volumes are named after the pod, so other pods may fail where this one does not.
  const dependsOnName = (spec.volumes ?? []).some(({ ephemeral }) => ephemeral !== undefined);
  if (problems.length === 0 && !dependsOnName && Object.isFrozen(spec)) sound.add(spec);
  return problems;
}

function* validateWholeSpec({ metadata, spec }: Pod): Generator<FieldError> {
  yield* validatePodSpec(spec, 'spec', { name: metadata.name, isPod: true });
  yield* validateTokenVolumes(spec, 'spec');
  for (const list of ['containers', 'initContainers'] as const)
    for (const [index, container] of (spec[list] ?? []).entries())
      yield* validateImageTrimmed(container, `spec.${list}[${index}]`);
}

function validateNewPod({ metadata: { annotations }, spec }: Pod): readonly FieldError[] {
  const found: FieldError[] = [];
  if ((spec.ephemeralContainers ?? []).length > 0)
    found.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0)
    found.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  if (annotations !== undefined) found.push(...validateAnnotationsAgree(annotations, spec, 'spec'));
  return found;
}
