/** What a scheduler's configuration comes to: its profiles with the plugins of each point, back-off and extenders. */
import type { QueueBackoff } from '../queue/scheduling-queue.ts';
import { decodeSchedulerConfig } from './decode-config.ts';
import { type DefaultedConfiguration, defaultSchedulerConfig } from './default-config.ts';
import { DEFAULT_ARGS } from './known-plugins.ts';
import { type PluginsByPoint, pluginsByPoint } from './plugin-sets.ts';
import { invalidConfig, SchedulerConfigError } from './scheduler-config-error.ts';
import type { ExtenderConfig, KubeSchedulerProfile, PluginArgs } from './types.ts';
import { validateSchedulerConfig } from './validate-config.ts';

export type ProfileConfig = {
  readonly schedulerName: string;
  readonly plugins: PluginsByPoint;
  readonly args: PluginArgs;
};

export type SchedulerConfig = {
  readonly profiles: readonly ProfileConfig[];
  readonly backoff: QueueBackoff;
  readonly extenders: readonly ExtenderConfig[];
};

/** Takes what the file holds, read as YAML or JSON. Throws `SchedulerConfigError` with all that is wrong. */
export function schedulerConfig(value: unknown): SchedulerConfig {
  const config = defaultSchedulerConfig(decodeSchedulerConfig(value));
  const errors = [...validateSchedulerConfig(config)];
  if (errors.length > 0) throw invalidConfig(errors);
  return resolved(config);
}

/** What there is without a file. */
export const defaultConfig = (): SchedulerConfig => resolved(defaultSchedulerConfig({}));

function resolved(config: DefaultedConfiguration): SchedulerConfig {
  const { podInitialBackoffSeconds, podMaxBackoffSeconds, profiles, extenders = [] } = config;
  return {
    profiles: profiles.map((profile) => leftToExtenders(resolvedProfile(profile), extenders)),
    backoff: { baseMs: podInitialBackoffSeconds * 1000, capMs: podMaxBackoffSeconds * 1000 },
    extenders,
  };
}

/** Resources that an extender counts are not counted here, if it says so. */
function leftToExtenders(profile: ProfileConfig, extenders: readonly ExtenderConfig[]): ProfileConfig {
  const names = extenders.flatMap(({ managedResources = [] }) =>
    managedResources.filter(({ ignoredByScheduler }) => ignoredByScheduler === true).map(({ name }) => name),
  );
  if (names.length === 0) return profile;
  const { NodeResourcesFit: fit } = profile.args;
  const ignoredResources = [...(fit.ignoredResources ?? []), ...names];
  return { ...profile, args: { ...profile.args, NodeResourcesFit: { ...fit, ignoredResources } } };
}

function resolvedProfile({ schedulerName = '', plugins, pluginConfig = [] }: KubeSchedulerProfile): ProfileConfig {
  try {
    const args = Object.fromEntries(pluginConfig.map((config) => [config.name, config.args]));
    return { schedulerName, plugins: pluginsByPoint(schedulerName, plugins), args: { ...DEFAULT_ARGS, ...args } };
  } catch (error) {
    if (!(error instanceof SchedulerConfigError)) throw error;
    const where = `initializing profiles: creating profile for scheduler name ${schedulerName}`;
    throw new SchedulerConfigError(`${where}: ${error.message}`, { cause: error });
  }
}
