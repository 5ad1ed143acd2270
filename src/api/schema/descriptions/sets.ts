/** Texts about pods with identities, pods on every node, their history, and how many of them may go at a time. */
import type { Descriptions } from '../descriptions.ts';

const SELECTOR = "Which pods belong to it. It must match the template's labels, and cannot change.";
const MIN_READY = 'How long a new pod must be ready before it counts as available, in seconds.';
const HISTORY = 'How many old revisions to keep for rolling back. 10 if absent.';
const COLLISIONS = "Counts clashes of revisions' names.";
const CONDITION = {
  type: 'What the condition is about.',
  status: 'True, False or Unknown.',
  reason: 'Why, in one word for programs.',
  message: 'Why, in a sentence for people.',
  lastTransitionTime: 'When the status last changed.',
};

export const SETS = {
  'apps.v1.StatefulSet': { '': 'Keeps pods running that have names, storage and an order of their own.' },
  'apps.v1.StatefulSetSpec': {
    replicas: 'How many pods there should be. 1 if absent.',
    selector: SELECTOR,
    template: 'What the pods look like. Each is called like the set, with its ordinal.',
    volumeClaimTemplates: 'Claims that each pod gets for itself, and finds again under its name.',
    serviceName: 'The headless Service under which the pods have their host names.',
    podManagementPolicy: 'OrderedReady starts and ends pods one after the other; Parallel does not wait.',
    updateStrategy: 'How pods are replaced when the template changes.',
    revisionHistoryLimit: HISTORY,
    minReadySeconds: MIN_READY,
    persistentVolumeClaimRetentionPolicy: 'What becomes of the claims when nobody uses them any more.',
    ordinals: 'How the pods are numbered.',
  },
  'apps.v1.StatefulSetOrdinals': { start: 'The ordinal of the first pod. 0 if absent.' },
  'apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy': {
    whenDeleted: 'Retain or Delete: what becomes of the claims when the set is deleted. Retain if absent.',
    whenScaled: 'Retain or Delete: what becomes of the claims of a pod that is scaled away. Retain if absent.',
  },
  'apps.v1.StatefulSetUpdateStrategy': {
    type: 'RollingUpdate replaces pods from the highest ordinal down; OnDelete waits until somebody deletes them.',
    rollingUpdate: 'How far and how fast it goes.',
  },
  'apps.v1.RollingUpdateStatefulSetStrategy': {
    partition: 'Pods below this place keep what they are made from. 0 if absent.',
    maxUnavailable: 'How many pods may be replaced at once, as a count or a percentage. 1 if absent.',
  },
  'apps.v1.StatefulSetStatus': {
    observedGeneration: 'The generation of the StatefulSet that this status is about.',
    replicas: 'How many pods there are.',
    readyReplicas: 'How many are ready.',
    availableReplicas: 'How many have been ready long enough.',
    currentReplicas: 'How many are of the revision that is updated from.',
    updatedReplicas: 'How many are of the revision that is updated to.',
    currentRevision: 'The revision that is updated from.',
    updateRevision: 'The revision that is updated to.',
    collisionCount: COLLISIONS,
    conditions: 'What else is to be told.',
  },
  'apps.v1.StatefulSetCondition': CONDITION,
  'apps.v1.DaemonSet': { '': 'Keeps one pod running on every node that suits it.' },
  'apps.v1.DaemonSetSpec': {
    selector: SELECTOR,
    template: 'What the pods look like. Its node selector and affinity choose the nodes.',
    updateStrategy: 'How pods are replaced when the template changes.',
    minReadySeconds: MIN_READY,
    revisionHistoryLimit: HISTORY,
  },
  'apps.v1.DaemonSetUpdateStrategy': {
    type: 'RollingUpdate replaces pods node by node; OnDelete waits until somebody deletes them.',
    rollingUpdate: 'How large the steps are.',
  },
  'apps.v1.RollingUpdateDaemonSet': {
    maxUnavailable: 'On how many nodes the pod may be missing, as a count or a percentage rounded up. 1 if absent.',
    maxSurge: 'On how many nodes a new pod may run beside the old one, as a count or a percentage rounded up.',
  },
  'apps.v1.DaemonSetStatus': {
    currentNumberScheduled: 'How many nodes that are to have a pod have one.',
    numberMisscheduled: 'How many nodes have a pod that are not to have one.',
    desiredNumberScheduled: 'How many nodes are to have a pod.',
    numberReady: 'On how many of them a pod is ready.',
    observedGeneration: 'The generation of the DaemonSet that this status is about.',
    updatedNumberScheduled: 'On how many of them the pod is made from the present template.',
    numberAvailable: 'On how many of them a pod has been ready long enough.',
    numberUnavailable: 'On how many of them no pod has.',
    collisionCount: COLLISIONS,
    conditions: 'What else is to be told.',
  },
  'apps.v1.DaemonSetCondition': CONDITION,
  'apps.v1.ControllerRevision': {
    '': 'A state that a StatefulSet or a DaemonSet had, kept for rolling back.',
    data: 'The state. It never changes.',
    revision: 'Its place in the history: the highest is the newest.',
  },
  'core.v1.ReplicationController': { '': 'Keeps a number of equal pods running. A Deployment does more.' },
  'core.v1.ReplicationControllerSpec': {
    replicas: 'How many pods there should be. 1 if absent.',
    minReadySeconds: MIN_READY,
    selector: "The labels of the pods that belong to it. The template's labels if absent.",
    template: 'What new pods look like.',
  },
  'core.v1.ReplicationControllerStatus': {
    replicas: 'How many pods there are.',
    fullyLabeledReplicas: "How many carry all of the template's labels.",
    readyReplicas: 'How many are ready.',
    availableReplicas: 'How many have been ready long enough.',
    observedGeneration: 'The generation of the ReplicationController that this status is about.',
    conditions: 'Whether pods could be made.',
  },
  'core.v1.PodTemplate': {
    '': 'A description of pods that stands alone, for whoever makes pods from it.',
    template: 'What the pods look like.',
  },
  'policy.v1.PodDisruptionBudget': { '': 'Says how many of some pods may be driven off at a time.' },
  'policy.v1.PodDisruptionBudgetSpec': {
    minAvailable: 'How many pods must stay healthy, as a count or a percentage.',
    maxUnavailable: 'How many pods may be gone, as a count or a percentage. Either this or minAvailable.',
    selector: 'Which pods it is about. Empty for all of its namespace, none if absent.',
    unhealthyPodEvictionPolicy: 'IfHealthyBudget or AlwaysAllow: when pods that are not healthy may go.',
  },
  'policy.v1.PodDisruptionBudgetStatus': {
    observedGeneration: 'The generation of the budget that this status is about.',
    disruptedPods: 'Pods that were evicted and are not gone yet, with the time of their eviction.',
    disruptionsAllowed: 'How many pods may go now.',
    currentHealthy: 'How many pods are healthy.',
    desiredHealthy: 'How many pods must be healthy.',
    expectedPods: 'How many pods there are to be.',
    conditions: 'Whether a disruption is allowed, and if not why.',
  },
  'policy.v1.Eviction': {
    '': 'Asks for a pod to be driven off, if its disruption budget allows it.',
    deleteOptions: 'How the pod is to be deleted.',
  },
} satisfies Descriptions;
