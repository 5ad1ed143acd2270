/** Texts about namespaces, nodes, configuration and bookkeeping. */
import type { Descriptions } from '../descriptions.ts';

export const CLUSTER = {
  'core.v1.Namespace': {
    '': 'A room for objects: names are unique within it, and deleting it deletes everything inside.',
  },
  'core.v1.NamespaceSpec': { finalizers: 'What must be cleared before the namespace may go. kubernetes: its objects.' },
  'core.v1.NamespaceStatus': {
    phase: 'Active, or Terminating while it is being emptied.',
    conditions: 'What holds up the deletion, if anything.',
  },
  'core.v1.Binding': {
    '': 'Assigns a pod to a node. It is done when it is created, and never stored.',
    target: 'The node.',
  },
  'core.v1.ComponentStatus': {
    '': 'Whether a part of the control plane is well. Read the health endpoints instead.',
    conditions: 'What its check says: Healthy or not, and why.',
  },
  'core.v1.Node': { '': 'A machine that runs pods.' },
  'core.v1.NodeSpec': {
    podCIDR: 'The range of addresses that pods on this node get theirs from.',
    podCIDRs: 'The ranges of addresses that pods on this node get theirs from, at most one of each IP family.',
    providerID: 'What the cloud calls this machine.',
    taints: 'What keeps pods away that do not tolerate it.',
    unschedulable: 'Whether new pods stay away. kubectl cordon sets it.',
  },
  'core.v1.NodeStatus': {
    capacity: 'Everything the machine has.',
    allocatable: 'What of it pods may use.',
    conditions: 'Whether the machine is well.',
    addresses: 'Where the machine can be reached.',
    nodeInfo: 'What runs on the machine: versions of system, kernel and runtime.',
    images: 'Container images that are already there.',
    daemonEndpoints: "Where the node's own servers listen.",
    volumesAttached: 'Volumes that are attached to the machine.',
    volumesInUse: 'Volumes that pods on it use.',
  },
  'core.v1.NodeCondition': {
    type: 'Which aspect: Ready, MemoryPressure, DiskPressure, PIDPressure or NetworkUnavailable.',
    status: 'True, False or Unknown.',
    lastHeartbeatTime: 'When the node last told.',
    lastTransitionTime: 'When the status last changed.',
    reason: 'Why, in one word for programs.',
    message: 'Why, in a sentence for people.',
  },
  'core.v1.Taint': {
    '': 'Keeps pods off a node unless they tolerate it.',
    key: 'The name of the taint.',
    value: 'A value for tolerations to compare with.',
    effect:
      'NoSchedule: new pods stay away. PreferNoSchedule: they come last. NoExecute: running pods that do not tolerate it leave too.',
    timeAdded: 'When a NoExecute taint was set.',
  },
  'core.v1.ConfigMap': {
    '': 'Configuration for pods to read as variables or files. Not for secrets.',
    data: 'Texts by key.',
    binaryData: 'Bytes by key, in base64. A key may not be in data as well.',
    immutable: 'Whether the data may never change again.',
  },
  'core.v1.Secret': {
    '': 'Passwords, keys and the like for pods to read as variables or files.',
    data: 'The values by key, in base64.',
    stringData: 'The values by key, as they are. The server moves them into data; they are never read back.',
    immutable: 'Whether the data may never change again.',
    type: 'What is inside: Opaque, or a type whose keys are agreed upon, such as kubernetes.io/tls.',
  },
  'core.v1.ServiceAccount': {
    '': 'An identity for what runs in pods.',
    automountServiceAccountToken: 'Whether pods of this account get a token as a file.',
    imagePullSecrets: 'Secrets with the passwords of image registries, for pods of this account.',
    secrets: 'Secrets that pods of this account may mount, where that is limited.',
  },
  'core.v1.Event': {
    '': 'Something that happened to an object. Kept for about an hour.',
    involvedObject: 'What it happened to.',
    reason: 'What happened, in one word for programs.',
    message: 'What happened, in a sentence for people.',
    type: 'Normal or Warning.',
    count: 'How often it happened.',
    firstTimestamp: 'When it happened first.',
    lastTimestamp: 'When it happened last.',
    source: 'Who told.',
    eventTime: 'When it happened, to the microsecond.',
    reportingComponent: 'The program that told, such as kubelet.',
    reportingInstance: 'Which instance of it.',
    action: 'What was done about it.',
  },
  'coordination.v1.Lease': {
    '': 'Who holds a task, and until when. Nodes and controllers show with it that they are alive.',
  },
  'coordination.v1.LeaseSpec': {
    holderIdentity: 'Who holds it.',
    leaseDurationSeconds: 'How long others wait after the last renewal before they may take it.',
    acquireTime: 'When the holder took it.',
    renewTime: 'When the holder last renewed it.',
    leaseTransitions: 'How often it changed hands.',
  },
} satisfies Descriptions;
