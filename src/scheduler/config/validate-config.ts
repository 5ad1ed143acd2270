/** Says what is wrong with a scheduler's configuration, as upstream says it. */
import type { FieldError } from '#api/meta/field-error';
import { duplicate, invalid, required } from '#api/meta/field-error';
import { checkQualifiedName } from '#api/meta/names';
import { equalJson } from '#api/meta/json-value';
import { validateName } from '#api/meta/validate-labels';
import type { DefaultedConfiguration } from './default-config.ts';
import type { ExtenderConfig, KubeSchedulerProfile } from './types.ts';
import { validatePluginArgs } from './validate-args.ts';

export function* validateSchedulerConfig(config: DefaultedConfiguration): Generator<FieldError> {
  const { leaderElection, parallelism, profiles, podInitialBackoffSeconds, podMaxBackoffSeconds } = config;
  const { leaderElect = true, resourceLock = 'leases' } = leaderElection ?? {};
  if (leaderElect && resourceLock !== 'leases')
    yield invalid('leaderElection.resourceLock', resourceLock, 'resourceLock value must be "leases"');
  if (parallelism <= 0) yield invalid('parallelism', parallelism, 'should be an integer value greater than zero');
  yield* validateProfiles(profiles);
  yield* validatePercentage(config.percentageOfNodesToScore, 'percentageOfNodesToScore');
  if (podInitialBackoffSeconds <= 0)
    yield invalid('podInitialBackoffSeconds', podInitialBackoffSeconds, 'must be greater than 0');
  if (podMaxBackoffSeconds < podInitialBackoffSeconds)
    yield invalid(
      'podMaxBackoffSeconds',
      podMaxBackoffSeconds,
      'must be greater than or equal to PodInitialBackoffSeconds',
    );
  yield* validateExtenders(config.extenders ?? []);
}

function* validateProfiles(profiles: readonly KubeSchedulerProfile[]): Generator<FieldError> {
  const seen = new Map<string, number>();
  for (const [index, profile] of profiles.entries()) {
    const { schedulerName = '' } = profile;
    const path = `profiles[${index}]`;
    if (schedulerName === '') yield required(`${path}.schedulerName`);
    yield* validatePercentage(profile.percentageOfNodesToScore, `${path}.percentageOfNodesToScore`);
    yield* validatePluginConfig(profile, path);
    const earlier = seen.get(schedulerName);
    if (earlier !== undefined) yield duplicate(`${path}.schedulerName`, `profiles[${earlier}].schedulerName`);
    seen.set(schedulerName, index);
  }
  yield* validateCommonSort(profiles);
}

function* validatePluginConfig({ pluginConfig = [] }: KubeSchedulerProfile, path: string): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, { name, args }] of pluginConfig.entries()) {
    const field = `${path}.pluginConfig[${index}]`;
    if (seen.has(name)) yield duplicate(field, name);
    seen.add(name);
    yield* validatePluginArgs(name, args, `${field}.args`);
  }
}

/** There is one queue for all. */
function* validateCommonSort(profiles: readonly KubeSchedulerProfile[]): Generator<FieldError> {
  const [first, ...others] = profiles.map(({ plugins }) => plugins?.queueSort ?? {});
  const { length } = first?.enabled ?? [];
  if (length > 1)
    yield invalid('profiles[0].plugins.queueSort.Enabled', length, 'only one queue sort plugin can be enabled');
  for (const [index, other] of others.entries())
    if (!equalJson(other, first))
      yield invalid(`profiles[${index + 1}].plugins.queueSort`, other, 'must be the same for all profiles');
}

function* validatePercentage(percentage: number | undefined, field: string): Generator<FieldError> {
  if (percentage !== undefined && (percentage < 0 || percentage > 100))
    yield invalid(field, percentage, 'not in valid range [0-100]');
}

function* validateExtenders(extenders: readonly ExtenderConfig[]): Generator<FieldError> {
  const managed = new Set<string>();
  for (const [index, { prioritizeVerb = '', weight = 0, managedResources = [] }] of extenders.entries()) {
    const path = `extenders[${index}]`;
    if (prioritizeVerb !== '' && weight <= 0)
      yield invalid(`${path}.weight`, weight, 'must have a positive weight applied to it');
    for (const [at, { name }] of managedResources.entries()) {
      const field = `${path}.managedResources[${at}].name`;
      yield* validateExtendedName(name, field);
      if (managed.has(name)) yield invalid(field, name, 'duplicate extender managed resource name');
      managed.add(name);
    }
  }
  const binders = extenders.filter(({ bindVerb = '' }) => bindVerb !== '').length;
  if (binders > 1)
    yield invalid('extenders', `found ${binders} extenders implementing bind`, 'only one extender can implement bind');
}

function* validateExtendedName(name: string, field: string): Generator<FieldError> {
  const problems = validateName(name, checkQualifiedName, field);
  yield* problems;
  if (problems.length === 0 && !isExtended(name)) yield invalid(field, name, 'is an invalid extended resource name');
}

const isExtended = (name: string): boolean =>
  name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
