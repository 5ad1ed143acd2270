/** What a scheduler's configuration file comes to, and what is said of a wrong one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from '../framework/plugin.ts';
import { defaultProfile } from '../plugins/default-profile.ts';
import { runningProfile } from './running-profile.ts';
import { SchedulerConfigError } from './scheduler-config-error.ts';
import { defaultConfig, schedulerConfig } from './scheduler-config.ts';

const HEAD = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
const config = (rest: object = {}) => schedulerConfig({ ...HEAD, ...rest });
const profile = (rest: object = {}) => {
  const [first] = config({ profiles: [rest] }).profiles;
  assert.ok(first);
  return first;
};
const problem = (value: unknown): string => {
  try {
    schedulerConfig(value);
  } catch (error) {
    assert.ok(error instanceof SchedulerConfigError);
    return error.message;
  }
  return '';
};
const wrong = (rest: object): string => problem({ ...HEAD, ...rest });
const wrongArgs = (name: string, args: object): string => wrong({ profiles: [{ pluginConfig: [{ name, args }] }] });

test('[SCF1] an empty configuration is the default profile', () => {
  assert.deepEqual(config(), defaultConfig());
  const { schedulerName, plugins } = profile();
  assert.equal(schedulerName, 'default-scheduler');
  assert.deepEqual(
    plugins.score.filter(({ weight }) => weight !== 1).map(({ name, weight }) => `${name} ${weight}`),
    ['TaintToleration 3', 'NodeAffinity 2', 'PodTopologySpread 2', 'InterPodAffinity 2'],
  );
  assert.deepEqual(plugins.filter.map(({ name }) => name).slice(0, 4), [
    'NodeUnschedulable',
    'NodeName',
    'TaintToleration',
    'NodeAffinity',
  ]);
});

test('[SCF1] what the default profile is made of is what places pods', () => {
  const [first] = defaultConfig().profiles;
  assert.ok(first);
  const { profile: made, preemption } = runningProfile(first);
  const named = ({ filters, scores }: Profile): readonly string[] => [
    ...filters.map(({ name }) => name),
    ...scores.map(({ plugin, weight }) => `${plugin.name} ${weight}`),
  ];
  assert.deepEqual(named(made), named(defaultProfile));
  assert.deepEqual(preemption, { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 });
});

test('[SCF2] plugins are switched off and on, set anew in their place, and given weights, at a point or at all', () => {
  const { plugins } = profile({
    plugins: {
      multiPoint: { enabled: [{ name: 'NodeAffinity', weight: 7 }], disabled: [{ name: 'ImageLocality' }] },
      score: { disabled: [{ name: 'TaintToleration' }], enabled: [{ name: 'NodeResourcesFit', weight: 5 }] },
      postFilter: { disabled: [{ name: '*' }] },
    },
  });
  assert.deepEqual(
    plugins.score.map(({ name, weight }) => `${name} ${weight}`),
    [
      'NodeResourcesFit 5',
      'NodeAffinity 7',
      'VolumeBinding 1',
      'PodTopologySpread 2',
      'InterPodAffinity 2',
      'NodeResourcesBalancedAllocation 1',
    ],
  );
  assert.equal(plugins.filter.filter(({ name }) => name === 'TaintToleration').length, 1);
  assert.deepEqual(plugins.postFilter, []);
});

test('[SCF2] everything can be switched off and chosen anew', () => {
  const { plugins } = profile({
    plugins: {
      multiPoint: {
        disabled: [{ name: '*' }],
        enabled: [{ name: 'PrioritySort' }, { name: 'DefaultBinder' }, { name: 'NodeName' }],
      },
    },
  });
  assert.deepEqual([plugins.filter.map(({ name }) => name), plugins.score, plugins.preEnqueue], [['NodeName'], [], []]);
});

test('[SCF3] plugins that there are not, or not at the point, are refused with the profile they stand in', () => {
  const why = (plugins: object): string => wrong({ profiles: [{ schedulerName: 'mine', plugins }] });
  const begin = 'initializing profiles: creating profile for scheduler name mine: ';
  assert.deepEqual(
    [
      why({ filter: { enabled: [{ name: 'Foo' }] } }),
      why({ multiPoint: { enabled: [{ name: 'Foo' }] } }),
      why({ score: { enabled: [{ name: 'NodeName' }] } }),
      why({ score: { enabled: [{ name: 'ImageLocality' }, { name: 'ImageLocality' }] } }),
      why({ multiPoint: { disabled: [{ name: '*' }] } }),
      why({ bind: { disabled: [{ name: '*' }] } }),
    ].map((text) => text.replace(begin, '…')),
    [
      '…FilterPlugin "Foo" does not exist',
      '…PreEnqueuePlugin "Foo" does not exist',
      '…plugin "NodeName" does not extend ScorePlugin plugin',
      '…plugin "ImageLocality" already registered as "ScorePlugin"',
      '…no queue sort plugin for profile with scheduler name "mine"',
      '…at least one bind plugin is needed for profile with scheduler name "mine"',
    ],
  );
});

test('[SCF4] what is not a configuration, has a wrong type or a field that nobody knows is refused', () => {
  assert.deepEqual(
    [
      problem({}),
      problem({ kind: 'KubeSchedulerConfiguration' }),
      problem({ ...HEAD, apiVersion: 'kubescheduler.config.k8s.io/v1beta3' }),
      wrong({ parallelism: 'many' }),
      wrong({ profiles: [{ schedulerName: 'a', foo: 1 }], bar: 2 }),
      wrongArgs('NodeResourcesFit', { foo: 1 }),
      wrongArgs('InterPodAffinity', { kind: 'InterPodAffinity' }),
      wrongArgs('InterPodAffinity', { hardPodAffinityWeight: '2' }),
    ],
    [
      "Object 'Kind' is missing in '{}'",
      `Object 'apiVersion' is missing in '{"kind":"KubeSchedulerConfiguration"}'`,
      'no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3"',
      'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
      'strict decoding error: unknown field "profiles[0].foo", unknown field "bar"',
      'strict decoding error: decoding .profiles[0].pluginConfig[0]: strict decoding error: decoding args for plugin NodeResourcesFit: strict decoding error: unknown field "foo"',
      'decoding .profiles[0].pluginConfig[0]: args for plugin InterPodAffinity were not of type InterPodAffinityArgs.kubescheduler.config.k8s.io, got InterPodAffinity.kubescheduler.config.k8s.io',
      'decoding .profiles[0].pluginConfig[0]: decoding args for plugin InterPodAffinity: json: cannot unmarshal string into Go struct field InterPodAffinityArgs.hardPodAffinityWeight of type int32',
    ],
  );
});

test('[SCF5] values that cannot be are named with their fields, all at once', () => {
  assert.equal(
    wrong({ parallelism: 0 }),
    'parallelism: Invalid value: 0: should be an integer value greater than zero',
  );
  assert.equal(
    wrong({ percentageOfNodesToScore: 101, podInitialBackoffSeconds: 0, podMaxBackoffSeconds: -1 }),
    '[percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100], podInitialBackoffSeconds: Invalid value: 0: must be greater than 0, podMaxBackoffSeconds: Invalid value: -1: must be greater than or equal to PodInitialBackoffSeconds]',
  );
  assert.equal(
    wrong({ leaderElection: { resourceLock: 'configmap' } }),
    'leaderElection.resourceLock: Invalid value: "configmap": resourceLock value must be "leases"',
  );
  assert.equal(
    wrong({ profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }, {}] }),
    '[profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName", profiles[2].schedulerName: Required value]',
  );
  assert.equal(
    wrong({
      profiles: [{ schedulerName: 'a' }, { schedulerName: 'b', plugins: { queueSort: { disabled: [{ name: '*' }] } } }],
    }),
    'profiles[1].plugins.queueSort: Invalid value: {"disabled":[{"name":"*"}]}: must be the same for all profiles',
  );
});

test('[SCF6] arguments of plugins are checked with the words of upstream', () => {
  const at = (name: string, args: object): string =>
    wrongArgs(name, args).replaceAll('profiles[0].pluginConfig[0].args.', '');
  assert.deepEqual(
    [
      at('DefaultPreemption', { minCandidateNodesPercentage: 101 }),
      at('InterPodAffinity', { hardPodAffinityWeight: 101 }),
      at('NodeResourcesBalancedAllocation', { resources: [{ name: 'cpu', weight: 2 }] }),
      at('NodeResourcesFit', { scoringStrategy: { type: 'RequestedToCapacityRatio' } }),
      at('NodeResourcesFit', { scoringStrategy: { type: 'LeastAllocated' }, ignoredResourceGroups: ['a/b'] }),
      at('PodTopologySpread', {
        defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      }),
      at('VolumeBinding', { bindTimeoutSeconds: -1 }),
      at('NodeAffinity', {
        addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
      }),
    ],
    [
      'minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]',
      'hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]',
      'resources[0].weight: Invalid value: 2: must be 1',
      'scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio',
      `ignoredResourceGroups[0]: Invalid value: "a/b": resource group name can't contain '/'`,
      'defaultingType: Invalid value: "System": when .defaultConstraints are not empty',
      'bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value',
      'addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
  );
});

test('[SCF7] arguments take defaults where they say nothing, and back-off is in seconds', () => {
  const { args } = profile({
    pluginConfig: [
      { name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu' }] } } },
      { name: 'DefaultPreemption', args: { minCandidateNodesAbsolute: 5 } },
    ],
  });
  assert.deepEqual(
    [args.NodeResourcesFit, args.DefaultPreemption, args.InterPodAffinity],
    [
      { scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] } },
      { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 5 },
      { hardPodAffinityWeight: 1 },
    ],
  );
  assert.deepEqual(config({ podInitialBackoffSeconds: 2, podMaxBackoffSeconds: 20 }).backoff, {
    baseMs: 2000,
    capMs: 20_000,
  });
});

test('[SCF8] extenders have weights, one binder at most and resources of their own', () => {
  const resource = { name: 'example.com/gpu' };
  assert.equal(
    wrong({
      extenders: [
        {
          urlPrefix: 'http://a',
          prioritizeVerb: 'prioritize',
          bindVerb: 'bind',
          managedResources: [resource, { name: 'cpu' }],
        },
        { urlPrefix: 'http://b', bindVerb: 'bind', managedResources: [resource] },
      ],
    }),
    '[extenders[0].weight: Invalid value: 0: must have a positive weight applied to it, extenders[0].managedResources[1].name: Invalid value: "cpu": is an invalid extended resource name, extenders[1].managedResources[0].name: Invalid value: "example.com/gpu": duplicate extender managed resource name, extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind]',
  );
});
