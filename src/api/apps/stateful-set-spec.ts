/** Validates what a stateful set is to be. */
import { validateClaimSpec } from '../core/persistent-volume-claim/spec.ts';
import { validatePodTemplate } from '../core/pod/template.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, notSupported, required } from '../meta/field-error.ts';
import { matchesLabels } from '../meta/label-selector.ts';
import { checkDnsLabel } from '../meta/names.ts';
import { validateLabelSelector, validateName } from '../meta/validate-labels.ts';
import type {
  RollingUpdateStatefulSetStrategy,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from '../types/apps-v1.ts';
import type { PersistentVolumeClaim, PodTemplateSpec, Volume } from '../types/core-v1.ts';
import { validateCounts } from '../workload/counts.ts';
import { shareNumber, validateAtMostAll, validateShare } from '../workload/share.ts';
import { parseSelector, validateLasting } from '../workload/template.ts';

/** `state`: sets that exist may have claims that would not be taken from new ones. */
export function* validateStatefulSetSpec(spec: StatefulSetSpec, state: 'new' | 'stored'): Generator<FieldError> {
  yield* validateManagement(spec.podManagementPolicy ?? '', 'spec.podManagementPolicy');
  yield* validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy');
  const policy = spec.persistentVolumeClaimRetentionPolicy;
  if (policy !== undefined) yield* validateRetention(policy, 'spec.persistentVolumeClaimRetentionPolicy');
  if (state === 'new') yield* validateClaims(spec.volumeClaimTemplates ?? [], 'spec.volumeClaimTemplates');
  yield* validateCounts(spec, ['replicas', 'minReadySeconds'], 'spec');
  const { start = 0 } = spec.ordinals ?? {};
  if (start < 0) yield invalid('spec.ordinals.start', start, 'must be greater than or equal to 0');
  yield* validateSelection(spec);
  yield* validateTemplate(spec, 'spec.template');
}

/** Upstream refuses new names only: sets that exist may have any. */
export function* validateServiceName({ serviceName = '' }: StatefulSetSpec): Generator<FieldError> {
  if (serviceName !== '') yield* validateName(serviceName, checkDnsLabel, 'spec.serviceName');
}

function* validateManagement(policy: string, field: string): Generator<FieldError> {
  if (policy === '') yield required(field);
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    yield invalid(field, policy, "must be 'OrderedReady' or 'Parallel'");
}

function* validateStrategy(strategy: StatefulSetUpdateStrategy, field: string): Generator<FieldError> {
  const { type = '', rollingUpdate } = strategy;
  if (type === '') yield required(field);
  else if (type === 'OnDelete') {
    if (rollingUpdate !== undefined)
      yield invalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type !== 'RollingUpdate') yield invalid(field, strategy, "must be 'RollingUpdate' or 'OnDelete'");
  else if (rollingUpdate !== undefined) yield* validateRollingUpdate(rollingUpdate, `${field}.rollingUpdate`);
}

function* validateRollingUpdate(update: RollingUpdateStatefulSetStrategy, field: string): Generator<FieldError> {
  yield* validateCounts(update, ['partition'], field);
  const { maxUnavailable } = update;
  if (maxUnavailable === undefined) return;
  yield* validateShare(maxUnavailable, `${field}.maxUnavailable`);
  if (shareNumber(maxUnavailable) === 0) yield invalid(`${field}.maxUnavailable`, maxUnavailable, 'cannot be 0');
  yield* validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`);
}

const RETENTION: readonly string[] = ['Delete', 'Retain'];

function* validateRetention(
  policy: StatefulSetPersistentVolumeClaimRetentionPolicy,
  field: string,
): Generator<FieldError> {
  for (const key of ['whenDeleted', 'whenScaled'] as const) {
    const choice = policy[key] ?? '';
    if (!RETENTION.includes(choice)) yield notSupported(`${field}.${key}`, choice, RETENTION);
  }
}

function* validateClaims(claims: readonly PersistentVolumeClaim[], field: string): Generator<FieldError> {
  for (const [index, { spec }] of claims.entries()) yield* validateClaimSpec(spec, `${field}[${index}].spec`);
}

function* validateSelection({ selector }: StatefulSetSpec): Generator<FieldError> {
  if ((selector as unknown) === undefined) {
    yield required('spec.selector');
    return;
  }
  yield* validateLabelSelector(selector, 'spec.selector');
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0)
    yield invalid('spec.selector', selector, 'empty selector is invalid for statefulset');
}

function* validateTemplate(spec: StatefulSetSpec, field: string): Generator<FieldError> {
  const { selector, template } = spec;
  const parsed = parseSelector(selector);
  if (parsed === undefined) yield invalid('spec.selector', selector, '');
  else {
    const labels = template.metadata?.labels;
    const isEmpty = parsed.requirements.length === 0 && parsed.nothing !== true;
    if (!isEmpty && !matchesLabels(parsed, labels))
      yield invalid(`${field}.metadata.labels`, labels, '`selector` does not match template `labels`');
    yield* validatePodTemplate(withClaims(spec), field);
  }
  yield* validateLasting(template.spec, `${field}.spec`, 'StatefulSet');
}

/** The template as its pods will be: containers may mount the claims that each pod gets. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (volumeClaimTemplates.length === 0) return template;
  const claims = volumeClaimTemplates.map(({ metadata: { name } }): Volume => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  const names = new Set(claims.map(({ name }) => name));
  const volumes = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...template, spec: { ...template.spec, volumes: [...volumes, ...claims] } };
}
