/** Samples of the kinds that make pods, and of those that act on them. */
import { LABELS, type Samples, SELECTOR, TEMPLATE } from './sample.ts';

const CONDITION = { type: 'Tested', status: 'True', reason: 'E2E', message: 'set by a test' };
const JOB = { template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } } };
const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

export const WORKLOADS: Samples = {
  'apps/v1/controllerrevisions': { content: { data: { spec: { color: 'red' } }, revision: 1 } },
  'apps/v1/daemonsets': {
    content: { spec: { selector: SELECTOR, template: TEMPLATE } },
    status: {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
      conditions: [CONDITION],
    },
  },
  'apps/v1/deployments': {
    content: { spec: { replicas: 2, selector: SELECTOR, template: TEMPLATE } },
    status: { conditions: [CONDITION] },
  },
  'apps/v1/replicasets': {
    content: { spec: { replicas: 2, selector: SELECTOR, template: TEMPLATE } },
    status: { replicas: 0, conditions: [CONDITION] },
  },
  'apps/v1/statefulsets': {
    content: { spec: { replicas: 2, serviceName: 'web', selector: SELECTOR, template: TEMPLATE } },
    status: { replicas: 0, availableReplicas: 0, conditions: [CONDITION] },
  },
  'autoscaling/v1/horizontalpodautoscalers': {
    content: { spec: { scaleTargetRef: TARGET, maxReplicas: 3, targetCPUUtilizationPercentage: 50 } },
    status: { currentReplicas: 1, desiredReplicas: 2 },
  },
  'autoscaling/v2/horizontalpodautoscalers': {
    content: { spec: { scaleTargetRef: TARGET, maxReplicas: 3 } },
    status: { currentReplicas: 1, desiredReplicas: 2, conditions: [CONDITION] },
  },
  'batch/v1/cronjobs': {
    content: { spec: { schedule: '*/1 * * * *', jobTemplate: { spec: JOB } } },
    status: { lastScheduleTime: '2026-01-01T00:00:00Z' },
  },
  'batch/v1/jobs': {
    content: { spec: { ...JOB, parallelism: 1, completions: 1 } },
    status: { conditions: [CONDITION], startTime: '2026-01-01T00:00:00Z', ready: 0 },
    // Its pods outlive it unless it is asked otherwise.
    held: 'finalizers',
  },
  'policy/v1/poddisruptionbudgets': {
    content: { spec: { minAvailable: 1, selector: { matchLabels: LABELS } } },
    status: {
      currentHealthy: 1,
      desiredHealthy: 1,
      disruptionsAllowed: 0,
      expectedPods: 1,
      observedGeneration: 1,
      conditions: [{ ...CONDITION, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  },
};
