/** Validates how a pod's kind is to be spread over nodes and zones. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkQualifiedName } from '../../meta/names.ts';
import { validateLabelSelector, validateName } from '../../meta/validate-labels.ts';
import type { TopologySpreadConstraint } from '../../types/core-v1.ts';

const ACTIONS: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];
const NODE_POLICIES: readonly string[] = ['Honor', 'Ignore'];

export function* validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  field: string,
): Generator<FieldError> {
  const last = new Map(constraints.map((constraint, index) => [spreadOf(constraint), index]));
  for (const [index, constraint] of constraints.entries()) {
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    const path = `${field}[${index}]`;
    if (maxSkew <= 0) yield invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero');
    if (topologyKey === '') yield required(`${path}.topologyKey`, 'can not be empty');
    if (!ACTIONS.includes(whenUnsatisfiable))
      yield notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, ACTIONS);
    if (last.get(spreadOf(constraint)) !== index)
      yield duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`);
    yield* validateMinDomains(constraint, `${path}.minDomains`);
    yield* validateNodePolicies(constraint, path);
    yield* validateMatchLabelKeys(constraint, `${path}.matchLabelKeys`);
    yield* validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`);
  }
}

/** Of what there may be one. Actions have no spaces. */
const spreadOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string =>
  `${whenUnsatisfiable} ${topologyKey}`;

function* validateMinDomains(
  { minDomains, whenUnsatisfiable }: TopologySpreadConstraint,
  field: string,
): Generator<FieldError> {
  if (minDomains === undefined) return;
  if (minDomains <= 0) yield invalid(field, minDomains, 'must be greater than zero');
  if (whenUnsatisfiable !== 'DoNotSchedule')
    yield invalid(
      field,
      minDomains,
      `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
    );
}

function* validateNodePolicies(constraint: TopologySpreadConstraint, field: string): Generator<FieldError> {
  for (const key of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[key];
    if (policy !== undefined && !NODE_POLICIES.includes(policy))
      yield notSupported(`${field}.${key}`, policy, NODE_POLICIES);
  }
}

function* validateMatchLabelKeys(
  { matchLabelKeys = [], labelSelector }: TopologySpreadConstraint,
  field: string,
): Generator<FieldError> {
  if (matchLabelKeys.length === 0) return;
  if (labelSelector === undefined) yield forbidden(field, 'must not be specified when labelSelector is not set');
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  for (const [index, key] of matchLabelKeys.entries()) {
    yield* validateName(key, checkQualifiedName, `${field}[${index}]`);
    if (selected.has(key)) yield invalid(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector');
  }
}
