/** The messages of a scheduler's configuration (kubescheduler.config.k8s.io/v1): it is a file, not part of the API. */
import type { FieldEntry, MessageEntry } from './table.ts';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const CORE = 'k8s.io.api.core.v1';
/** What the names of these messages begin with. */
export const SCHEDULER_CONFIG = 'k8s.io.kubescheduler.config.v1';

const field = (type: string, rest: Partial<FieldEntry> = {}): FieldEntry => ({ number: 0, type, ...rest });
const text = field('string');
const flag = field('bool');
const own = (name: string, rest: Partial<FieldEntry> = {}): FieldEntry => field(`${SCHEDULER_CONFIG}.${name}`, rest);
const given = (type: string): FieldEntry => field(type, { pointer: true });
const listOf = (entry: FieldEntry): FieldEntry => ({ ...entry, list: true });
const TYPE_META = { apiVersion: text, kind: text };

/** Where plugins are asked, in the order in which they are. */
export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;

const MESSAGES: Readonly<Record<string, Readonly<Record<string, FieldEntry>>>> = {
  KubeSchedulerConfiguration: {
    ...TYPE_META,
    parallelism: given('int32'),
    leaderElection: own('LeaderElectionConfiguration'),
    clientConnection: own('ClientConnectionConfiguration'),
    enableProfiling: given('bool'),
    enableContentionProfiling: given('bool'),
    percentageOfNodesToScore: given('int32'),
    podInitialBackoffSeconds: given('int64'),
    podMaxBackoffSeconds: given('int64'),
    profiles: listOf(own('KubeSchedulerProfile')),
    extenders: listOf(own('Extender')),
    delayCacheUntilActive: flag,
  },
  LeaderElectionConfiguration: {
    leaderElect: given('bool'),
    leaseDuration: field(`${META}.Duration`),
    renewDeadline: field(`${META}.Duration`),
    retryPeriod: field(`${META}.Duration`),
    resourceLock: text,
    resourceName: text,
    resourceNamespace: text,
  },
  ClientConnectionConfiguration: {
    kubeconfig: text,
    acceptContentTypes: text,
    contentType: text,
    qps: field('float'),
    burst: field('int32'),
  },
  KubeSchedulerProfile: {
    schedulerName: given('string'),
    percentageOfNodesToScore: given('int32'),
    plugins: own('Plugins', { pointer: true }),
    pluginConfig: listOf(own('PluginConfig')),
  },
  Plugins: Object.fromEntries([...EXTENSION_POINTS, 'multiPoint'].map((point) => [point, own('PluginSet')])),
  PluginSet: { enabled: listOf(own('Plugin')), disabled: listOf(own('Plugin')) },
  Plugin: { name: field('string', { alwaysWritten: true }), weight: given('int32') },
  PluginConfig: { name: field('string', { alwaysWritten: true }), args: field('any') },
  Extender: {
    urlPrefix: field('string', { alwaysWritten: true }),
    filterVerb: text,
    preemptVerb: text,
    prioritizeVerb: text,
    weight: field('int64'),
    bindVerb: text,
    enableHTTPS: flag,
    tlsConfig: own('ExtenderTLSConfig', { pointer: true }),
    httpTimeout: field(`${META}.Duration`),
    nodeCacheCapable: flag,
    managedResources: listOf(own('ExtenderManagedResource')),
    ignorable: flag,
  },
  ExtenderManagedResource: { name: field('string', { alwaysWritten: true }), ignoredByScheduler: flag },
  ExtenderTLSConfig: {
    insecure: flag,
    serverName: text,
    certFile: text,
    keyFile: text,
    caFile: text,
    certData: field('bytes'),
    keyData: field('bytes'),
    caData: field('bytes'),
  },
  DefaultPreemptionArgs: {
    ...TYPE_META,
    minCandidateNodesPercentage: given('int32'),
    minCandidateNodesAbsolute: given('int32'),
  },
  InterPodAffinityArgs: {
    ...TYPE_META,
    hardPodAffinityWeight: given('int32'),
    ignorePreferredTermsOfExistingPods: flag,
  },
  NodeAffinityArgs: { ...TYPE_META, addedAffinity: field(`${CORE}.NodeAffinity`, { pointer: true }) },
  NodeResourcesBalancedAllocationArgs: { ...TYPE_META, resources: listOf(own('ResourceSpec')) },
  NodeResourcesFitArgs: {
    ...TYPE_META,
    ignoredResources: listOf(text),
    ignoredResourceGroups: listOf(text),
    scoringStrategy: own('ScoringStrategy', { pointer: true }),
  },
  PodTopologySpreadArgs: {
    ...TYPE_META,
    defaultConstraints: listOf(field(`${CORE}.TopologySpreadConstraint`)),
    defaultingType: field('string', { goType: 'v1.PodTopologySpreadConstraintsDefaulting' }),
  },
  VolumeBindingArgs: {
    ...TYPE_META,
    bindTimeoutSeconds: given('int64'),
    shape: listOf(own('UtilizationShapePoint')),
  },
  ScoringStrategy: {
    type: field('string', { goType: 'v1.ScoringStrategyType' }),
    resources: listOf(own('ResourceSpec')),
    requestedToCapacityRatio: own('RequestedToCapacityRatioParam', { pointer: true }),
  },
  RequestedToCapacityRatioParam: { shape: listOf(own('UtilizationShapePoint')) },
  ResourceSpec: { name: field('string', { alwaysWritten: true }), weight: field('int64', { alwaysWritten: true }) },
  UtilizationShapePoint: {
    utilization: field('int32', { alwaysWritten: true }),
    score: field('int32', { alwaysWritten: true }),
  },
};

export const SCHEDULER_CONFIG_MESSAGES: Readonly<Record<string, MessageEntry>> = Object.fromEntries(
  Object.entries(MESSAGES).map(([name, fields]) => [`${SCHEDULER_CONFIG}.${name}`, { fields }]),
);
