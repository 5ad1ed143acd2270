/** What belongs to what: collection of orphans, namespaces that end, quotas. */
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { ResourceQuota } from '#api/core/resource-quota';
import type { Scenario } from '../scenario.ts';
import { change, create, named, remove, template } from './acts.ts';

const deployment = (name: string, replicas: number, namespace?: string) => ({
  metadata: named(name, namespace),
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, 'app:1') },
});

export const garbage: Scenario = {
  name: 'garbage',
  nodes: 2,
  faults: 'all',
  steps: [
    create(0, Deployment, deployment('background', 3)),
    create(0, Deployment, deployment('foreground', 3)),
    create(0, Deployment, deployment('orphaning', 2)),
    create(0, ReplicaSet, deployment('kept', 2)),
    create(5, ConfigMap, { metadata: named('owner') }),
    {
      atSeconds: 10,
      act: async ({ admin }) => {
        const { metadata } = await admin.get(ConfigMap, named('owner'));
        const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid }];
        await admin.create(ConfigMap, { metadata: { ...named('owned'), ownerReferences } });
        const { uid } = (await admin.get(ConfigMap, named('owned'))).metadata;
        const chain = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owned', uid }];
        await admin.create(ConfigMap, { metadata: { ...named('chained'), ownerReferences: chain } });
      },
    },
    remove(40, [Deployment, named('background')], { propagationPolicy: 'Background' }),
    remove(45, [Deployment, named('foreground')], { propagationPolicy: 'Foreground' }),
    remove(50, [Deployment, named('orphaning')], { propagationPolicy: 'Orphan' }),
    remove(60, [ConfigMap, named('owner')], { propagationPolicy: 'Background' }),
    remove(80, [ReplicaSet, named('kept')], { propagationPolicy: 'Orphan' }),
  ],
};

export const namespaces: Scenario = {
  name: 'namespaces',
  nodes: 2,
  faults: 'all',
  steps: [
    create(0, Namespace, { metadata: { name: 'shop' }, spec: {} }),
    create(10, Deployment, deployment('web', 3, 'shop')),
    create(10, ConfigMap, { metadata: named('settings', 'shop') }),
    create(10, ResourceQuota, { metadata: named('few', 'shop'), spec: { hard: { pods: '2' } } }),
    change(50, [ResourceQuota, named('few', 'shop')], (found) => ({ ...found, spec: { hard: { pods: '4' } } })),
    change(95, [Deployment, named('web', 'shop')], (found) => ({ ...found, spec: { ...found.spec, replicas: 6 } })),
    create(60, Namespace, { metadata: { name: 'brief' }, spec: {} }),
    create(70, Deployment, deployment('web', 2, 'brief')),
    remove(90, [Namespace, { name: 'brief' }]),
  ],
};
