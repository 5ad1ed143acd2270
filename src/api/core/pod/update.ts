/** What may change of a pod that exists: little, for its containers run from what it said when they were made. */
import { describeChanges } from '../../meta/describe-changes.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, required } from '../../meta/field-error.ts';
import { inclusiveRange } from '../../meta/names.ts';
import { semanticEqual } from '../../meta/semantic-equal.ts';
import type {
  Container,
  NodeAffinity,
  NodeSelectorTerm,
  Pod,
  PodSchedulingGate,
  PodSpec,
  Toleration,
} from '../../types/core-v1.ts';
import { validateAnnotationUpdates } from './annotations.ts';

const MAX_INT32 = 2_147_483_647;

const CHANGEABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

export function* validatePodUpdate(next: Pod, stored: Pod): Generator<FieldError> {
  yield* validateAnnotationUpdates(next, stored, 'metadata.annotations');
  if (next.spec === stored.spec) return;
  for (const list of ['containers', 'initContainers'] as const) {
    const after = next.spec[list] ?? [];
    if (after.length !== (stored.spec[list] ?? []).length) {
      yield forbidden(`spec.${list}`, 'pod updates may not add or remove containers');
      return;
    }
    yield* validateImages(after, `spec.${list}`);
  }
  yield* validateSpecUpdate(next.spec, stored.spec);
}

function* validateImages(containers: readonly Container[], field: string): Generator<FieldError> {
  for (const [index, { image }] of containers.entries()) if (!image) yield required(`${field}[${index}].image`);
}

function* validateSpecUpdate(next: PodSpec, stored: PodSpec): Generator<FieldError> {
  yield* validateDeadline(next.activeDeadlineSeconds, stored.activeDeadlineSeconds, 'spec.activeDeadlineSeconds');
  yield* validateTolerationsKept(next.tolerations ?? [], stored.tolerations ?? []);
  yield* validateGatesOnlyRemoved(next.schedulingGates ?? [], stored.schedulingGates ?? []);
  const isGated = (stored.schedulingGates ?? []).length > 0;
  if (isGated) yield* validateGatedPlacement(next, stored);
  const expected = isGated ? withPlacementOf(stored, next) : next;
  if (!semanticEqual(withChangeable(expected, stored), stored))
    yield forbidden(
      'spec',
      `pod updates may not change fields other than ${CHANGEABLE}\n${describeChanges('PodSpec', withChangeable(expected, stored), stored)}`,
    );
}

/** The spec with all that may change as it is stored: what still differs then must not. */
function withChangeable(next: PodSpec, stored: PodSpec): PodSpec {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, schedulingGates: _gates, ...rest } = next;
  const { activeDeadlineSeconds, tolerations, schedulingGates, terminationGracePeriodSeconds: grace } = stored;
  return {
    ...rest,
    containers: withImagesOf(next.containers, stored.containers),
    ...(next.initContainers === undefined
      ? {}
      : { initContainers: withImagesOf(next.initContainers, stored.initContainers ?? []) }),
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(schedulingGates === undefined ? {} : { schedulingGates }),
    ...(grace !== undefined && grace < 0 && next.terminationGracePeriodSeconds === 1
      ? { terminationGracePeriodSeconds: grace }
      : {}),
  };
}

const withImagesOf = (next: readonly Container[], stored: readonly Container[]): readonly Container[] =>
  next.map((container, index) => {
    const image = stored[index]?.image;
    return image === undefined ? container : { ...container, image };
  });

/** A deadline can be set and brought nearer, not moved away. */
function* validateDeadline(next: number | undefined, stored: number | undefined, field: string): Generator<FieldError> {
  if (next === undefined) {
    if (stored !== undefined) yield invalid(field, null, 'must not update from a positive integer to nil value');
  } else if (next < 0 || next > MAX_INT32) yield invalid(field, next, inclusiveRange(0, MAX_INT32));
  else if (stored !== undefined && stored < next)
    yield invalid(field, next, 'must be less than or equal to previous value');
}

function* validateTolerationsKept(next: readonly Toleration[], stored: readonly Toleration[]): Generator<FieldError> {
  const withoutSeconds = (toleration: Toleration): object => ({ ...toleration, tolerationSeconds: undefined });
  const isKept = (old: Toleration): boolean =>
    next.some((toleration) => semanticEqual(withoutSeconds(toleration), withoutSeconds(old)));
  if (!stored.every(isKept))
    yield forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds');
}

function* validateGatesOnlyRemoved(
  next: readonly PodSchedulingGate[],
  stored: readonly PodSchedulingGate[],
): Generator<FieldError> {
  for (const [index, { name }] of next.entries())
    if (!stored.some((gate) => gate.name === name))
      yield forbidden(
        `spec.schedulingGates[${index}].name`,
        `only deletion is allowed, but found new scheduling gate '${name}'`,
      );
}

/** While a pod is held back by gates, its placement may become narrower. */
function* validateGatedPlacement(next: PodSpec, stored: PodSpec): Generator<FieldError> {
  const selector = next.nodeSelector ?? {};
  if (!Object.entries(stored.nodeSelector ?? {}).every(([key, value]) => selector[key] === value))
    yield invalid(
      'spec.nodeSelector',
      selector,
      'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    );
  yield* validateGatedAffinity(next.affinity?.nodeAffinity, stored.affinity?.nodeAffinity);
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function* validateGatedAffinity(
  next: NodeAffinity | undefined,
  stored: NodeAffinity | undefined,
): Generator<FieldError> {
  const before = requiredTerms(stored);
  const after = requiredTerms(next);
  const field = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
  if (before.length === 0) return;
  if (before.length !== after.length) {
    yield invalid(field, after, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed');
    return;
  }
  for (const [index, term] of after.entries())
    if (!hasOnlyAdditions(term, before[index] ?? {}))
      yield invalid(`${field}[${index}]`, term, 'only additions are allowed (no mutations or deletions)');
}

const requiredTerms = (affinity: NodeAffinity | undefined): readonly NodeSelectorTerm[] =>
  affinity?.[REQUIRED]?.nodeSelectorTerms ?? [];

function hasOnlyAdditions(next: NodeSelectorTerm, stored: NodeSelectorTerm): boolean {
  const { matchExpressions: expressions = [], matchFields: fields = [] } = stored;
  const { matchExpressions = [], matchFields = [] } = next;
  // An empty term matches nothing: any addition would widen it.
  if (expressions.length + fields.length === 0) return matchExpressions.length + matchFields.length === 0;
  return (
    semanticEqual(matchExpressions.slice(0, expressions.length), expressions) &&
    semanticEqual(matchFields.slice(0, fields.length), fields)
  );
}

function withPlacementOf(stored: PodSpec, next: PodSpec): PodSpec {
  const { nodeSelector: _selector, affinity, ...rest } = next;
  const { nodeAffinity: _nodes, ...amongPods } = affinity ?? {};
  const nodeAffinity = stored.affinity?.nodeAffinity;
  const merged = { ...amongPods, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) };
  const keepsAffinity = stored.affinity !== undefined || Object.keys(merged).length > 0;
  return {
    ...rest,
    ...(stored.nodeSelector === undefined ? {} : { nodeSelector: stored.nodeSelector }),
    ...(keepsAffinity ? { affinity: merged } : {}),
  };
}
