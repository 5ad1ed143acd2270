/** Workloads whose pods are somebody: stateful sets and daemon sets. */
import { DaemonSet } from '#api/apps/daemon-set';
import { StatefulSet } from '#api/apps/stateful-set';
import { Node } from '#api/core/node';
import type { Scenario } from '../scenario.ts';
import { change, create, named, template, tolerating, withImage, withReplicas } from './acts.ts';

const claim = (name: string) => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

const statefulSet = (name: string, replicas: number, rest: object = {}) => ({
  metadata: named(name),
  spec: {
    replicas,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: template(name, 'db:1', { spec: { tolerations: tolerating(20) } }),
    ...rest,
  },
});

export const stateful: Scenario = {
  name: 'stateful',
  nodes: 3,
  faults: 'all',
  steps: [
    create(0, StatefulSet, statefulSet('db', 3)),
    change(50, [StatefulSet, named('db')], withImage('db:2')),
    change(90, [StatefulSet, named('db')], withReplicas(5)),
    change(130, [StatefulSet, named('db')], withReplicas(2)),
  ],
};

export const claims: Scenario = {
  name: 'claims',
  nodes: 2,
  faults: 'control plane',
  steps: [
    create(
      0,
      StatefulSet,
      statefulSet('db', 3, {
        volumeClaimTemplates: [claim('data')],
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' },
      }),
    ),
    change(70, [StatefulSet, named('db')], withReplicas(1)),
    change(120, [StatefulSet, named('db')], withReplicas(2)),
  ],
};

export const parallel: Scenario = {
  name: 'parallel',
  nodes: 3,
  faults: 'all',
  steps: [
    create(
      0,
      StatefulSet,
      statefulSet('db', 4, {
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      }),
    ),
    change(30, [StatefulSet, named('db')], withImage('db:2')),
    change(70, [StatefulSet, named('db')], withReplicas(6)),
    change(100, [StatefulSet, named('db')], withReplicas(3)),
  ],
};

export const daemon: Scenario = {
  name: 'daemon',
  nodes: 4,
  faults: 'all',
  steps: [
    create(0, DaemonSet, {
      metadata: named('log'),
      spec: { selector: { matchLabels: { app: 'log' } }, template: template('log', 'log:1') },
    } as never),
    change(30, [DaemonSet, named('log')], withImage('log:2')),
    change(60, [Node, { name: 'node-2' }], (found) => ({
      ...found,
      spec: { ...found.spec, taints: [...(found.spec.taints ?? []), { key: 'kept', effect: 'NoExecute' }] },
    })),
    change(80, [DaemonSet, named('log')], withImage('log:3')),
    change(120, [Node, { name: 'node-2' }], (found) => ({
      ...found,
      spec: { ...found.spec, taints: (found.spec.taints ?? []).filter(({ key }) => key !== 'kept') },
    })),
  ],
};
