/** Says what is wrong with the arguments of a plugin, as upstream says it. */
import type { FieldError } from '#api/meta/field-error';
import { duplicate, forbidden, invalid, notSupported, required } from '#api/meta/field-error';
import { checkQualifiedName } from '#api/meta/names';
import { validateName } from '#api/meta/validate-labels';
import { validateAffinity } from '#api/core/pod/affinity';
import type { TopologySpreadConstraint } from '#api/types/core-v1';
import type { PluginArgs, ScoringStrategy, ShapePoint } from './types.ts';

type Validate<T> = (args: T, path: string) => Generator<FieldError>;

const VALIDATE: { readonly [Name in keyof PluginArgs]: Validate<PluginArgs[Name]> } = {
  DefaultPreemption: validatePreemption,
  InterPodAffinity: validateInterPodAffinity,
  NodeAffinity: validateNodeAffinity,
  NodeResourcesBalancedAllocation: validateBalanced,
  NodeResourcesFit: validateFit,
  PodTopologySpread: validateSpread,
  VolumeBinding: validateVolumeBinding,
};

/** Of plugins that take none, nothing is said. */
export function validatePluginArgs(name: string, args: unknown, path: string): Iterable<FieldError> {
  if (!Object.hasOwn(VALIDATE, name)) return [];
  return (VALIDATE[name as keyof PluginArgs] as Validate<unknown>)(args, path);
}

function* validatePreemption(args: PluginArgs['DefaultPreemption'], path: string): Generator<FieldError> {
  const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = args;
  const fields = [`${path}.minCandidateNodesPercentage`, `${path}.minCandidateNodesAbsolute`] as const;
  if (percentage < 0 || percentage > 100) yield invalid(fields[0], percentage, 'not in valid range [0, 100]');
  if (absolute < 0) yield invalid(fields[1], absolute, 'not in valid range [0, inf)');
  if (percentage !== 0 || absolute !== 0) return;
  yield invalid(fields[0], percentage, 'cannot be zero at the same time as minCandidateNodesAbsolute');
  yield invalid(fields[1], absolute, 'cannot be zero at the same time as minCandidateNodesPercentage');
}

function* validateInterPodAffinity(
  { hardPodAffinityWeight: weight }: PluginArgs['InterPodAffinity'],
  path: string,
): Generator<FieldError> {
  if (weight < 0 || weight > 100) yield invalid(`${path}.hardPodAffinityWeight`, weight, 'not in valid range [0, 100]');
}

function* validateNodeAffinity({ addedAffinity }: PluginArgs['NodeAffinity'], path: string): Generator<FieldError> {
  if (addedAffinity === undefined) return;
  for (const error of validateAffinity({ nodeAffinity: addedAffinity }, path))
    yield { ...error, field: error.field.replace(`${path}.nodeAffinity`, `${path}.addedAffinity`) };
}

function* validateBalanced(
  { resources }: PluginArgs['NodeResourcesBalancedAllocation'],
  path: string,
): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, { name, weight }] of resources.entries()) {
    const field = `${path}.resources[${index}]`;
    if (seen.has(name)) yield duplicate(`${field}.name`, name);
    seen.add(name);
    if (weight !== 1) yield invalid(`${field}.weight`, weight, 'must be 1');
  }
}

function* validateFit(args: PluginArgs['NodeResourcesFit'], path: string): Generator<FieldError> {
  const { ignoredResources = [], ignoredResourceGroups = [], scoringStrategy } = args;
  for (const [index, name] of ignoredResources.entries())
    yield* validateName(name, checkQualifiedName, `${path}.ignoredResources[${index}]`);
  for (const [index, group] of ignoredResourceGroups.entries()) {
    const field = `${path}.ignoredResourceGroups[${index}]`;
    if (group.includes('/')) yield invalid(field, group, "resource group name can't contain '/'");
    yield* validateName(group, checkQualifiedName, field);
  }
  yield* validateStrategy(scoringStrategy, `${path}.scoringStrategy`);
}

const RATIO = 'RequestedToCapacityRatio';
const STRATEGIES: readonly string[] = ['LeastAllocated', 'MostAllocated', RATIO];

function* validateStrategy(strategy: ScoringStrategy, path: string): Generator<FieldError> {
  const { type = '', resources = [] } = strategy;
  if (!STRATEGIES.includes(type)) yield notSupported(`${path}.type`, type, STRATEGIES);
  for (const [index, { name, weight }] of resources.entries()) {
    const detail = `resource weight of ${name} not in valid range (0, 100]`;
    if (weight <= 0 || weight > 100) yield invalid(`${path}.resources[${index}].weight`, weight, detail);
  }
  yield* validateRatio(strategy, `${path}.requestedToCapacityRatio`);
}

function* validateRatio(
  { type, requestedToCapacityRatio: ratio }: ScoringStrategy,
  field: string,
): Generator<FieldError> {
  if (type === RATIO && ratio === undefined) yield required(field, `must be specified when type is ${RATIO}`);
  else if (type === RATIO) yield* validateShape(ratio?.shape ?? [], `${field}.shape`);
  else if (ratio !== undefined) yield forbidden(field, `must be nil when type is not ${RATIO}`);
}

function* validateShape(shape: readonly ShapePoint[], path: string): Generator<FieldError> {
  if (shape.length === 0) return yield required(path, 'at least one point must be specified');
  const unsorted = shape.findIndex((point, at) => at > 0 && (shape[at - 1]?.utilization ?? 0) >= point.utilization);
  if (unsorted !== -1)
    yield invalid(
      `${path}[${unsorted}].utilization`,
      shape[unsorted]?.utilization,
      'values must be sorted in increasing order',
    );
  for (const [index, { utilization, score }] of shape.entries()) {
    if (utilization < 0 || utilization > 100)
      yield invalid(`${path}[${index}].utilization`, utilization, 'not in valid range [0, 100]');
    if (score < 0 || score > 10) yield invalid(`${path}[${index}].score`, score, 'not in valid range [0, 10]');
  }
}

const DEFAULTING: readonly string[] = ['System', 'List'];
const ACTIONS: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];

function* validateSpread(args: PluginArgs['PodTopologySpread'], path: string): Generator<FieldError> {
  const { defaultingType, defaultConstraints = [] } = args;
  const typePath = `${path}.defaultingType`;
  if (!DEFAULTING.includes(defaultingType)) yield notSupported(typePath, defaultingType, DEFAULTING.toSorted());
  else if (defaultingType === 'System' && defaultConstraints.length > 0)
    yield invalid(typePath, defaultingType, 'when .defaultConstraints are not empty');
  for (const [index, constraint] of defaultConstraints.entries()) {
    const field = `${path}.defaultConstraints[${index}]`;
    yield* validateConstraint(constraint, field);
    const { topologyKey, whenUnsatisfiable } = constraint;
    const isRepeated = defaultConstraints
      .slice(0, index)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (isRepeated) yield duplicate(field, `{${topologyKey}, ${whenUnsatisfiable}}`);
  }
}

function* validateConstraint(constraint: TopologySpreadConstraint, field: string): Generator<FieldError> {
  const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint;
  if (maxSkew <= 0) yield invalid(`${field}.maxSkew`, maxSkew, 'not in valid range (0, inf)');
  if (topologyKey === '') yield required(`${field}.topologyKey`, 'can not be empty');
  else yield* validateName(topologyKey, checkQualifiedName, `${field}.topologyKey`);
  if (whenUnsatisfiable === '') yield required(`${field}.whenUnsatisfiable`, 'can not be empty');
  else if (!ACTIONS.includes(whenUnsatisfiable))
    yield notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable, ACTIONS);
  if (labelSelector !== undefined)
    yield forbidden(`${field}.labelSelector`, 'constraint must not define a selector, as they deduced for each pod');
}

function* validateVolumeBinding(args: PluginArgs['VolumeBinding'], path: string): Generator<FieldError> {
  const { bindTimeoutSeconds: seconds, shape } = args;
  if (seconds < 0)
    yield invalid(`${path}.bindTimeoutSeconds`, seconds, 'invalid BindTimeoutSeconds, should not be a negative value');
  if (shape !== undefined)
    yield invalid(
      `${path}.shape`,
      shape,
      'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring',
    );
}
