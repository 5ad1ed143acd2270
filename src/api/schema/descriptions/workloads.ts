/** Texts about what keeps pods running, and how many. */
import type { Descriptions } from '../descriptions.ts';

export const WORKLOADS = {
  'apps.v1.Deployment': {
    '': 'Keeps a number of equal pods running, and replaces them step by step when their template changes.',
  },
  'apps.v1.DeploymentSpec': {
    replicas: 'How many pods there should be. 1 if absent.',
    selector: "Which pods belong to it. It must match the template's labels, and cannot change.",
    template: 'What the pods look like. A change starts a rollout.',
    strategy: 'How pods are replaced.',
    minReadySeconds: 'How long a new pod must be ready before it counts as available, in seconds.',
    revisionHistoryLimit: 'How many old ReplicaSets to keep for rolling back. 10 if absent.',
    paused: 'Whether changes of the template wait.',
    progressDeadlineSeconds: 'After how many seconds without progress a rollout is reported as failed. 600 if absent.',
  },
  'apps.v1.DeploymentStrategy': {
    type: 'RollingUpdate replaces pods step by step; Recreate removes all old pods first.',
    rollingUpdate: 'How large the steps are.',
  },
  'apps.v1.RollingUpdateDeployment': {
    maxSurge: 'How many pods more than wanted there may be, as a count or a percentage rounded up. 25% if absent.',
    maxUnavailable:
      'How many pods fewer than wanted may be available, as a count or a percentage rounded down. 25% if absent.',
  },
  'apps.v1.DeploymentStatus': {
    observedGeneration: 'The generation of the Deployment that this status is about.',
    replicas: 'How many pods there are.',
    updatedReplicas: 'How many of them are made from the present template.',
    readyReplicas: 'How many are ready.',
    availableReplicas: 'How many have been ready long enough.',
    unavailableReplicas: 'How many are missing to the number wanted.',
    terminatingReplicas: 'How many are on their way out.',
    conditions: 'Whether it is available, and whether a rollout progresses.',
    collisionCount: "Counts clashes of ReplicaSets' names.",
  },
  'apps.v1.DeploymentCondition': {
    type: 'Available, Progressing or ReplicaFailure.',
    status: 'True, False or Unknown.',
    reason: 'Why, in one word for programs.',
    message: 'Why, in a sentence for people.',
    lastUpdateTime: 'When it was last written.',
    lastTransitionTime: 'When the status last changed.',
  },
  'apps.v1.ReplicaSet': { '': 'Keeps a number of equal pods running. Usually a Deployment makes it.' },
  'apps.v1.ReplicaSetSpec': {
    replicas: 'How many pods there should be. 1 if absent.',
    selector: "Which pods belong to it. It must match the template's labels, and cannot change.",
    template: 'What new pods look like.',
    minReadySeconds: 'How long a new pod must be ready before it counts as available, in seconds.',
  },
  'apps.v1.ReplicaSetStatus': {
    replicas: 'How many pods there are.',
    readyReplicas: 'How many are ready.',
    availableReplicas: 'How many have been ready long enough.',
    fullyLabeledReplicas: "How many carry all of the template's labels.",
    terminatingReplicas: 'How many are on their way out.',
    observedGeneration: 'The generation of the ReplicaSet that this status is about.',
    conditions: 'Whether pods could be made.',
  },
  'autoscaling.v2.HorizontalPodAutoscaler': {
    '': 'Changes how many pods a workload has, so that a measure stays near its target.',
  },
  'autoscaling.v2.HorizontalPodAutoscalerSpec': {
    scaleTargetRef: 'The workload to scale.',
    minReplicas: 'How many pods there are at least. 1 if absent.',
    maxReplicas: 'How many pods there are at most.',
    metrics: 'What to measure, and the targets. The measure that asks for most pods wins.',
    behavior: 'How fast to scale up and down.',
  },
  'autoscaling.v2.HorizontalPodAutoscalerStatus': {
    currentReplicas: 'How many pods there are.',
    desiredReplicas: 'How many there should be.',
    currentMetrics: 'What was measured last.',
    lastScaleTime: 'When the number last changed.',
    conditions: 'Whether it can measure and scale, and whether a limit holds it.',
    observedGeneration: 'The generation of the autoscaler that this status is about.',
  },
  'autoscaling.v2.CrossVersionObjectReference': {
    apiVersion: "The workload's API version.",
    kind: "The workload's kind.",
    name: "The workload's name.",
  },
  'autoscaling.v2.MetricSpec': {
    type: 'Where the measure comes from: Resource, ContainerResource, Pods, Object or External.',
    resource: 'CPU or memory of the pods.',
    containerResource: 'CPU or memory of one container in each pod.',
    pods: 'A measure of every pod.',
    object: 'A measure of one object.',
    external: 'A measure from outside the cluster.',
  },
  'autoscaling.v2.ResourceMetricSource': { name: 'cpu or memory.', target: 'Where it should be.' },
  'autoscaling.v2.MetricTarget': {
    type: 'Which of the others counts: Utilization, AverageValue or Value.',
    averageUtilization: 'Percent of what the pods ask for, on average.',
    averageValue: 'An amount for each pod, on average.',
    value: 'An amount for all pods together.',
  },
  'autoscaling.v2.HorizontalPodAutoscalerBehavior': {
    scaleUp: 'How fast to add pods: at most doubling, or 4 pods, every 15 seconds if absent.',
    scaleDown: 'How fast to remove pods: only what was too many for 5 minutes if absent.',
  },
  'autoscaling.v2.HPAScalingRules': {
    stabilizationWindowSeconds: 'How far to look back for the safest number, in seconds.',
    selectPolicy: 'Which policy decides: Max, Min, or Disabled for no scaling this way.',
    policies: 'How much may change in how much time.',
    tolerance: 'How far from the target is near enough, as a fraction.',
  },
  'autoscaling.v2.HPAScalingPolicy': {
    type: 'Pods or Percent.',
    value: 'How many pods, or how many percent of them.',
    periodSeconds: 'In how many seconds.',
  },
  'autoscaling.v1.Scale': { '': 'How many pods a workload should have, and has.' },
  'autoscaling.v1.ScaleSpec': { replicas: 'How many pods there should be.' },
  'autoscaling.v1.ScaleStatus': { replicas: 'How many pods there are.', selector: 'Which pods those are.' },
} satisfies Descriptions;
