/** Which events are worth another try, by the plugin that refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/types/core-v1';
import { aNode } from '#test/builders/nodes';
import { aNodeIn, aPodOn, waiting } from '#test/builders/scheduling';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import type { Plugin } from '../framework/plugin.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeRestrictions } from './volume-restrictions.ts';

const added = (node = aNode()): ClusterEvent => ({ kind: 'NodeAdded', node });
const changed = (before: Parameters<typeof aNode>[0], after: Parameters<typeof aNode>[0]): ClusterEvent => ({
  kind: 'NodeChanged',
  before: aNode(before),
  node: aNode(after),
});
const removed = (spec: Pod['spec'] | object, labels = { app: 'web' }): ClusterEvent => ({
  kind: 'PodRemoved',
  pod: aPodOn('a', 'gone', { spec, meta: { labels } }),
});
const came = (labels: Readonly<Record<string, string>>): ClusterEvent => ({
  kind: 'PodAdded',
  pod: aPodOn('a', 'new', { meta: { labels } }),
});

const cpu = (amount: string) => ({ containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: amount } } }] });
const port = (hostPort: number) => ({
  containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort }] }],
});
const term = (app: string) => ({ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } });
const wanting = (app: string) => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
});
const avoiding = (app: string) => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
});
const spread = {
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
};
const disk = { volumes: [{ name: 'd', gcePersistentDisk: { pdName: 'd' } }] };
const taint = { key: 'gpu', effect: 'NoSchedule' };

const CASES: readonly (readonly [Plugin, Pod, ClusterEvent, 'helps' | 'does not'])[] = [
  [nodeUnschedulable, waiting({}), added(aNode({ spec: { unschedulable: true } })), 'does not'],
  [nodeUnschedulable, waiting({}), changed({ spec: { unschedulable: true } }, {}), 'helps'],
  [nodeName, waiting({ nodeName: 'x' }), added(), 'does not'],
  [taintToleration, waiting({}), changed({ spec: { taints: [taint] } }, {}), 'helps'],
  [taintToleration, waiting({}), changed({}, { labels: { a: 'b' } }), 'does not'],
  [taintToleration, waiting({}), added(aNode({ spec: { taints: [taint] } })), 'does not'],
  [nodeAffinity(), waiting({ nodeSelector: { disk: 'ssd' } }), changed({}, { labels: { disk: 'ssd' } }), 'helps'],
  [nodeAffinity(), waiting({ nodeSelector: { disk: 'ssd' } }), changed({}, { labels: { disk: 'hdd' } }), 'does not'],
  [nodePorts, waiting(port(80)), removed(port(80)), 'helps'],
  [nodePorts, waiting(port(80)), removed(port(81)), 'does not'],
  [nodeResourcesFit(), waiting(cpu('1')), removed({}), 'helps'],
  [nodeResourcesFit(), waiting(cpu('1')), came({}), 'does not'],
  [nodeResourcesFit(), waiting(cpu('8')), added(), 'does not'],
  [nodeResourcesFit(), waiting(cpu('8')), changed({}, { allocatable: { cpu: '16' } }), 'helps'],
  [nodeResourcesFit(), waiting(cpu('2')), changed({}, { labels: { a: 'b' } }), 'does not'],
  [interPodAffinity(), waiting(wanting('db')), came({ app: 'db' }), 'helps'],
  [interPodAffinity(), waiting(wanting('db')), came({ app: 'web' }), 'does not'],
  [interPodAffinity(), waiting(avoiding('db')), removed({}, { app: 'db' }), 'helps'],
  [interPodAffinity(), waiting(avoiding('db')), removed({}), 'does not'],
  [interPodAffinity(), waiting({}), removed(avoiding('web')), 'helps'],
  [interPodAffinity(), waiting({}), { kind: 'StorageChanged' }, 'does not'],
  [podTopologySpread(), waiting(spread), came({ app: 'web' }), 'helps'],
  [podTopologySpread(), waiting(spread), came({ app: 'db' }), 'does not'],
  [podTopologySpread(), waiting(spread), added(aNodeIn('x', 'x1')), 'helps'],
  [podTopologySpread(), waiting(spread), added(), 'does not'],
  [volumeRestrictions, waiting(disk), removed(disk), 'helps'],
  [volumeRestrictions, waiting(disk), removed({}), 'does not'],
];

for (const [index, [plugin, pod, event, verdict]] of CASES.entries())
  test(`[PLG17] ${event.kind} ${verdict === 'helps' ? 'may help' : 'is no help to'} a pod that ${plugin.name} refused (${index})`, () => {
    assert.equal(plugin.wakes?.(event, pod), verdict === 'helps');
  });
