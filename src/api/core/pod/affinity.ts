/** Validates where a pod wants to be: node affinity, and affinity to and from other pods. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, required } from '../../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../../meta/names.ts';
import { repeatsIn } from '../../meta/repeats.ts';
import { validateLabelSelector, validateName } from '../../meta/validate-labels.ts';
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../../types/core-v1.ts';
import type { LabelSelector } from '../../types/meta-v1.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

export function* validateAffinity(affinity: Affinity | undefined, field: string): Generator<FieldError> {
  if (affinity?.nodeAffinity !== undefined) yield* validateNodeAffinity(affinity.nodeAffinity, `${field}.nodeAffinity`);
  if (affinity?.podAffinity !== undefined) yield* validatePodAffinity(affinity.podAffinity, `${field}.podAffinity`);
  if (affinity?.podAntiAffinity !== undefined)
    yield* validatePodAffinity(affinity.podAntiAffinity, `${field}.podAntiAffinity`);
}

function* validateNodeAffinity(affinity: NodeAffinity, field: string): Generator<FieldError> {
  const needed = affinity[REQUIRED];
  if (needed !== undefined) yield* validateNodeSelector(needed, `${field}.${REQUIRED}`);
  for (const [index, { weight, preference }] of (affinity[PREFERRED] ?? []).entries()) {
    const path = `${field}.${PREFERRED}[${index}]`;
    yield* validateWeight(weight, `${path}.weight`);
    // A label value that no node can have matches nothing, which a preference survives.
    yield* validateNodeSelectorTerm(preference, 'any values', `${path}.preference`);
  }
}

function* validateWeight(weight: number, field: string): Generator<FieldError> {
  if (weight <= 0 || weight > 100) yield invalid(field, weight, 'must be in the range 1-100');
}

export function* validateNodeSelector(selector: NodeSelector, field: string): Generator<FieldError> {
  const path = `${field}.nodeSelectorTerms`;
  if (selector.nodeSelectorTerms.length === 0) yield required(path, 'must have at least one node selector term');
  for (const [index, term] of selector.nodeSelectorTerms.entries())
    yield* validateNodeSelectorTerm(term, 'label values', `${path}[${index}]`);
}

type ValueRule = 'label values' | 'any values';

function* validateNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  rule: ValueRule,
  field: string,
): Generator<FieldError> {
  for (const [index, expression] of matchExpressions.entries())
    yield* validateNodeExpression(expression, rule, `${field}.matchExpressions[${index}]`);
  for (const [index, expression] of matchFields.entries())
    yield* validateNodeField(expression, `${field}.matchFields[${index}]`);
}

function* validateNodeExpression(
  { key, operator, values = [] }: NodeSelectorRequirement,
  rule: ValueRule,
  field: string,
): Generator<FieldError> {
  yield* validateNodeOperator(operator, values.length, field);
  yield* validateName(key, checkQualifiedName, `${field}.key`);
  if (rule === 'any values') return;
  for (const [index, value] of values.entries())
    yield* validateName(value, checkLabelValue, `${field}.values[${index}]`);
}

function* validateNodeOperator(operator: string, count: number, field: string): Generator<FieldError> {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) yield required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0)
        yield forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      break;
    case 'Gt':
    case 'Lt':
      if (count !== 1)
        yield required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'");
      break;
    default:
      yield invalid(`${field}.operator`, operator, 'not a valid selector operator');
  }
}

function* validateNodeField(
  { key, operator, values = [] }: NodeSelectorRequirement,
  field: string,
): Generator<FieldError> {
  if (operator !== 'In' && operator !== 'NotIn')
    yield invalid(`${field}.operator`, operator, 'not a valid selector operator');
  else if (values.length !== 1)
    yield required(
      `${field}.values`,
      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
    );
  if (key !== 'metadata.name') yield invalid(`${field}.key`, key, 'not a valid field selector key');
  else
    for (const [index, value] of values.entries())
      yield* validateName(value, checkDnsSubdomain, `${field}.values[${index}]`);
}

function* validatePodAffinity(affinity: PodAffinity, field: string): Generator<FieldError> {
  for (const [index, term] of (affinity[REQUIRED] ?? []).entries())
    yield* validatePodAffinityTerm(term, `${field}.${REQUIRED}[${index}]`);
  for (const [index, { weight, podAffinityTerm }] of (affinity[PREFERRED] ?? []).entries()) {
    const path = `${field}.${PREFERRED}[${index}]`;
    yield* validateWeight(weight, `${path}.weight`);
    yield* validatePodAffinityTerm(podAffinityTerm, `${path}.podAffinityTerm`);
  }
}

function* validatePodAffinityTerm(term: PodAffinityTerm, field: string): Generator<FieldError> {
  yield* validateLabelSelector(term.labelSelector, `${field}.labelSelector`);
  yield* validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`);
  for (const namespace of term.namespaces ?? []) yield* validateName(namespace, checkDnsLabel, `${field}.namespace`);
  yield* validateLabelKeys(term.matchLabelKeys ?? [], term.labelSelector, `${field}.matchLabelKeys`);
  yield* validateLabelKeys(term.mismatchLabelKeys ?? [], term.labelSelector, `${field}.mismatchLabelKeys`);
  yield* validateKeysOnce(term, field);
  if (term.topologyKey === '') yield required(`${field}.topologyKey`, 'can not be empty');
  yield* validateName(term.topologyKey, checkQualifiedName, `${field}.topologyKey`);
}

function* validateLabelKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  field: string,
): Generator<FieldError> {
  if (keys.length === 0) return;
  if (selector === undefined) yield forbidden(field, 'must not be specified when labelSelector is not set');
  else for (const [index, key] of keys.entries()) yield* validateName(key, checkQualifiedName, `${field}[${index}]`);
}

/**
 * Keys to match have become expressions of the selector when the pod was made. A key that the selector
 * names twice was also there before.
 */
function* validateKeysOnce(term: PodAffinityTerm, field: string): Generator<FieldError> {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector = {} } = term;
  if (matchLabelKeys.length === 0) return;
  for (const key of selectedTwice(labelSelector)) {
    const index = matchLabelKeys.lastIndexOf(key);
    if (index >= 0) yield invalid(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector');
  }
  for (const [index, key] of matchLabelKeys.entries())
    if (mismatchLabelKeys.includes(key))
      yield invalid(`${field}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys');
}

function selectedTwice({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly string[] {
  const keys = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
  return [...repeatsIn(keys)].map((index) => keys[index] ?? '');
}
