/** Fills in upstream's defaults of a scheduler's configuration. */
import { DEFAULT_ARGS, PLUGINS_WITH_ARGS } from './known-plugins.ts';
import type {
  KubeSchedulerConfiguration,
  KubeSchedulerProfile,
  PluginArgs,
  PluginConfig,
  ResourceSpec,
  ScoringStrategy,
} from './types.ts';

export type DefaultedConfiguration = KubeSchedulerConfiguration &
  Required<
    Pick<
      KubeSchedulerConfiguration,
      'parallelism' | 'percentageOfNodesToScore' | 'podInitialBackoffSeconds' | 'podMaxBackoffSeconds' | 'profiles'
    >
  >;

const DEFAULT_SCHEDULER = 'default-scheduler';

export function defaultSchedulerConfig(config: KubeSchedulerConfiguration): DefaultedConfiguration {
  const profiles = config.profiles?.length ? config.profiles : [{}];
  return {
    parallelism: 16,
    percentageOfNodesToScore: 0,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
    ...config,
    profiles: profiles.map((profile) => defaultProfile(profile, profiles.length)),
  };
}

/** Among several profiles each has to say its name. */
function defaultProfile(profile: KubeSchedulerProfile, count: number): KubeSchedulerProfile {
  return {
    ...(count === 1 ? { schedulerName: DEFAULT_SCHEDULER } : {}),
    ...profile,
    ...(profile.pluginConfig === undefined ? {} : { pluginConfig: profile.pluginConfig.map(defaultPluginConfig) }),
  };
}

function defaultPluginConfig({ name, args }: PluginConfig): PluginConfig {
  if (!PLUGINS_WITH_ARGS.has(name)) return { name, args };
  const merged = { ...DEFAULT_ARGS[name as keyof PluginArgs], ...(args as object) };
  if (name === 'NodeResourcesFit') return { name, args: withStrategy(merged as PluginArgs['NodeResourcesFit']) };
  if (name === 'NodeResourcesBalancedAllocation') {
    const { resources } = merged as PluginArgs['NodeResourcesBalancedAllocation'];
    return { name, args: { ...merged, resources: withWeights(resources) } };
  }
  return { name, args: merged };
}

function withStrategy(args: PluginArgs['NodeResourcesFit']): PluginArgs['NodeResourcesFit'] {
  const strategy: ScoringStrategy = args.scoringStrategy;
  const resources = withWeights(
    strategy.resources?.length ? strategy.resources : (DEFAULT_ARGS.NodeResourcesFit.scoringStrategy.resources ?? []),
  );
  return { ...args, scoringStrategy: { ...strategy, resources } };
}

const withWeights = (resources: readonly ResourceSpec[]): readonly ResourceSpec[] =>
  resources.map(({ name, weight }) => ({ name, weight: weight || 1 }));
