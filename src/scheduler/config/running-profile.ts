/** Makes profiles that can place pods out of those of a configuration. */
import type { ClaimRules } from '../claims.ts';
import type { Plugin, Profile } from '../framework/plugin.ts';
import { balancedAllocation } from '../plugins/balanced-allocation.ts';
import { dynamicResources, volumeBinding } from '../plugins/claims.ts';
import { defaultProfile } from '../plugins/default-profile.ts';
import { interPodAffinity } from '../plugins/inter-pod-affinity.ts';
import { nodeAffinity } from '../plugins/node-affinity.ts';
import { nodeResourcesFit } from '../plugins/node-resources-fit.ts';
import { podTopologySpread } from '../plugins/pod-topology-spread.ts';
import type { PreemptionArgs } from '../preemption/preemption-planner.ts';
import { DEFAULT_ARGS } from './known-plugins.ts';
import type { PluginsByPoint, WeightedPlugin } from './plugin-sets.ts';
import type { ProfileConfig } from './scheduler-config.ts';
import type { ExtensionPoint, PluginArgs } from './types.ts';

export type RunningProfile = {
  readonly profile: Profile;
  /** Whether pods with scheduling gates wait. */
  readonly respectsGates: boolean;
  readonly claims: ClaimRules;
  /** Whether pods of gangs are placed together only. */
  readonly respectsGangs: boolean;
  /** Absent when nobody is driven off for its pods. */
  readonly preemption?: PreemptionArgs;
};

// Plugins as they are without arguments of their own.
const DEFAULTS: ReadonlyMap<string, Plugin> = new Map(
  [...defaultProfile.filters, ...defaultProfile.scores.map(({ plugin }) => plugin)].map((plugin) => [
    plugin.name,
    plugin,
  ]),
);

const WITH_ARGS: { readonly [Name in keyof PluginArgs]?: (args: PluginArgs[Name]) => Plugin } = {
  InterPodAffinity: interPodAffinity,
  NodeAffinity: nodeAffinity,
  NodeResourcesBalancedAllocation: balancedAllocation,
  NodeResourcesFit: nodeResourcesFit,
  PodTopologySpread: podTopologySpread,
};

export function runningProfile({ schedulerName, plugins, args }: ProfileConfig): RunningProfile {
  const made = new Map<string, Plugin | undefined>();
  const pluginOf = (name: string): Plugin | undefined => {
    if (!made.has(name)) made.set(name, pluginNamed(name, args));
    return made.get(name);
  };
  const filters = plugins.filter.flatMap(({ name }) => pluginOf(name) ?? []);
  const scores = plugins.score.flatMap(({ name, weight }) => {
    const plugin = pluginOf(name);
    return plugin?.score === undefined ? [] : [{ plugin, weight }];
  });
  const preempts = has(plugins.postFilter, 'DefaultPreemption');
  return {
    profile: { schedulerName, filters, scores },
    respectsGates: has(plugins.preEnqueue, 'SchedulingGates'),
    claims: claimRules(plugins, args),
    respectsGangs: has(plugins.preEnqueue, 'GangScheduling'),
    ...(preempts ? { preemption: args.DefaultPreemption } : {}),
  };
}

/** What is not filtered by is not known when it comes to binding. */
function claimRules(plugins: PluginsByPoint, { VolumeBinding: { bindTimeoutSeconds } }: PluginArgs): ClaimRules {
  return {
    looksAtVolumes: has(plugins.filter, volumeBinding.name),
    volumesWithinMs: has(plugins.preBind, volumeBinding.name) ? bindTimeoutSeconds * 1000 : undefined,
    waitsForDevices: has(plugins.preEnqueue, dynamicResources.name),
    looksAtDevices: has(plugins.filter, dynamicResources.name),
    givesDevices: has(plugins.preBind, dynamicResources.name),
  };
}

const has = (plugins: Readonly<Record<ExtensionPoint, readonly WeightedPlugin[]>>[ExtensionPoint], wanted: string) =>
  plugins.some(({ name }) => name === wanted);

/** Those that take part elsewhere than in filters and scores are not found here. */
function pluginNamed(name: string, args: PluginArgs): Plugin | undefined {
  const key = name as keyof PluginArgs;
  if (args[key] === DEFAULT_ARGS[key]) return DEFAULTS.get(name);
  const make = WITH_ARGS[key] as ((own: unknown) => Plugin) | undefined;
  return make?.(args[key]) ?? DEFAULTS.get(name);
}
