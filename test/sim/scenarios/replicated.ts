/** Deployments, replica sets and controllers, and the services in front of them. */
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import { ReplicationController } from '#api/core/replication-controller';
import { Service } from '#api/core/service';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { Scenario } from '../scenario.ts';
import {
  change,
  create,
  drain,
  named,
  remove,
  template,
  tolerating,
  uncordon,
  withImage,
  withReplicas,
} from './acts.ts';

const deployment = (name: string, replicas: number, rest: object = {}) => ({
  metadata: named(name),
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, 'app:1'), ...rest },
});

const service = (name: string) => ({ metadata: named(name), spec: { selector: { app: name }, ports: [{ port: 80 }] } });
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

export const rollout: Scenario = {
  name: 'rollout',
  nodes: 3,
  faults: 'all',
  steps: [
    create(0, Deployment, deployment('web', 6, rolling(2, 1))),
    create(1, Service, service('web')),
    change(30, [Deployment, named('web')], withImage('app:2')),
    change(45, [Deployment, named('web')], withImage('app:3')),
    change(70, [Deployment, named('web')], withReplicas(9)),
    change(100, [Deployment, named('web')], withReplicas(4)),
  ],
};

export const steadyRollout: Scenario = {
  name: 'steady-rollout',
  nodes: 3,
  faults: 'control plane',
  pledges: [{ app: 'web', leastReady: 4 }],
  steps: [
    create(0, Deployment, deployment('web', 5, rolling(1, 1))),
    change(50, [Deployment, named('web')], withImage('app:2')),
    change(75, [Deployment, named('web')], withImage('app:3')),
    change(110, [Deployment, named('web')], withImage('app:1')),
  ],
};

export const recreate: Scenario = {
  name: 'recreate',
  nodes: 2,
  faults: 'all',
  steps: [
    create(0, Deployment, deployment('web', 3, { strategy: { type: 'Recreate' }, revisionHistoryLimit: 1 })),
    change(30, [Deployment, named('web')], withImage('app:2')),
    change(35, [Deployment, named('web')], (found) => ({ ...found, spec: { ...found.spec, paused: true } })),
    change(40, [Deployment, named('web')], withImage('app:3')),
    change(70, [Deployment, named('web')], (found) => ({ ...found, spec: { ...found.spec, paused: false } })),
    change(90, [Deployment, named('web')], withImage('app:4')),
  ],
};

export const sets: Scenario = {
  name: 'sets',
  nodes: 3,
  faults: 'all',
  steps: [
    create(0, ReplicaSet, deployment('plain', 4)),
    create(0, ReplicationController, {
      metadata: named('old'),
      spec: { replicas: 3, selector: { app: 'old' }, template: template('old', 'app:1') },
    } as never),
    change(30, [ReplicaSet, named('plain')], withReplicas(7)),
    change(50, [ReplicationController, named('old')], (found) => ({ ...found, spec: { ...found.spec, replicas: 1 } })),
    change(80, [ReplicaSet, named('plain')], withReplicas(2)),
  ],
};

export const budget: Scenario = {
  name: 'budget',
  nodes: 3,
  faults: 'control plane',
  steps: [
    create(0, Deployment, deployment('web', 6)),
    create(0, PodDisruptionBudget, {
      metadata: named('web'),
      spec: { minAvailable: 4, selector: { matchLabels: { app: 'web' } } },
    } as never),
    drain(40, 'node-1', 60),
    uncordon(105, 'node-1'),
    drain(110, 'node-2', 60),
    uncordon(175, 'node-2'),
  ],
};

const load = (milliCores: number) => ({ annotations: { 'hollow.tutti.io/cpu-millicores': String(milliCores) } });

export const autoscaler: Scenario = {
  name: 'autoscaler',
  nodes: 3,
  faults: 'all',
  steps: [
    create(0, Deployment, deployment('web', 2, { template: template('web', 'app:1', { cpu: '200m', ...load(300) }) })),
    create(1, HorizontalPodAutoscaler, {
      metadata: named('web'),
      spec: {
        minReplicas: 1,
        maxReplicas: 6,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 30 } },
      },
    } as never),
    change(120, [Deployment, named('web')], (found) => ({
      ...found,
      spec: { ...found.spec, template: template('web', 'app:1', { cpu: '200m', ...load(20) }) as never },
    })),
  ],
};

export const nodeLoss: Scenario = {
  name: 'node-loss',
  nodes: 4,
  faults: 'all',
  steps: [
    create(
      0,
      Deployment,
      deployment('web', 8, { template: template('web', 'app:1', { spec: { tolerations: tolerating(20) } }) }),
    ),
    create(0, Service, service('web')),
    { atSeconds: 30, act: async ({ powerOff }) => powerOff('node-1') },
    { atSeconds: 200, act: async ({ powerOn }) => powerOn('node-1') },
    remove(210, [Service, named('web')]),
  ],
};
