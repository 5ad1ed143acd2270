/** Each plugin's answers, with the reasons a user reads. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import type { Node, Pod, PodSpec } from '#api/types/core-v1';
import type { Plugin } from '../framework/plugin.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { taintToleration } from './taint-toleration.ts';

type Case = {
  readonly name: string;
  readonly plugin: Plugin;
  readonly pod?: Partial<PodSpec>;
  readonly node?: Parameters<typeof aNode>[0];
  readonly others?: readonly Partial<PodSpec>[];
  readonly refusal?: string | readonly string[];
};

const asking = (requests: Readonly<Record<string, string>>): Partial<PodSpec> => ({
  containers: [{ name: 'web', image: 'nginx', resources: { requests } }],
});
const onPort = (hostPort: number, hostIP?: string): Partial<PodSpec> => ({
  containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80, hostPort, ...(hostIP && { hostIP }) }] }],
});
const selecting = (operator: string, values?: readonly string[]): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'cores', operator, ...(values && { values }) }] }],
      },
    },
  },
});
const NO_MATCH = "node(s) didn't match Pod's node affinity/selector";
const NO_PORT = "node(s) didn't have free ports for the requested pod ports";
const gpuTaint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };

const CASES = {
  SCH1: [
    { name: 'a pod that names a node', plugin: nodeName, pod: { nodeName: 'node-1' } },
    {
      name: 'a pod that names another',
      plugin: nodeName,
      pod: { nodeName: 'x' },
      refusal: "node(s) didn't match the requested node name",
    },
  ],
  SCH2: [
    {
      name: 'a cordoned node',
      plugin: nodeUnschedulable,
      node: { spec: { unschedulable: true } },
      refusal: 'node(s) were unschedulable',
    },
    {
      name: 'a cordoned node and a pod that tolerates it',
      plugin: nodeUnschedulable,
      node: { spec: { unschedulable: true } },
      pod: { tolerations: [{ operator: 'Exists' }] },
    },
  ],
  SCH3: [
    {
      name: 'a taint',
      plugin: taintToleration,
      node: { spec: { taints: [gpuTaint] } },
      refusal: 'node(s) had untolerated taint {gpu: yes}',
    },
    {
      name: 'a taint and its toleration',
      plugin: taintToleration,
      node: { spec: { taints: [gpuTaint] } },
      pod: { tolerations: [{ key: 'gpu', value: 'yes' }] },
    },
    {
      name: 'a taint and a toleration of another effect',
      plugin: taintToleration,
      node: { spec: { taints: [gpuTaint] } },
      pod: { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }] },
      refusal: 'node(s) had untolerated taint {gpu: yes}',
    },
    {
      name: 'a taint that only asks',
      plugin: taintToleration,
      node: { spec: { taints: [{ ...gpuTaint, effect: 'PreferNoSchedule' }] } },
    },
  ],
  SCH4: [
    {
      name: 'a node selector that matches',
      plugin: nodeAffinity(),
      node: { labels: { disk: 'ssd' } },
      pod: { nodeSelector: { disk: 'ssd' } },
    },
    {
      name: 'a node selector that does not',
      plugin: nodeAffinity(),
      pod: { nodeSelector: { disk: 'ssd' } },
      refusal: NO_MATCH,
    },
    {
      name: 'affinity In',
      plugin: nodeAffinity(),
      node: { labels: { cores: '8' } },
      pod: selecting('In', ['4', '8']),
    },
    { name: 'affinity NotIn without the label', plugin: nodeAffinity(), pod: selecting('NotIn', ['4']) },
    {
      name: 'affinity Exists without the label',
      plugin: nodeAffinity(),
      pod: selecting('Exists'),
      refusal: NO_MATCH,
    },
    { name: 'affinity DoesNotExist', plugin: nodeAffinity(), pod: selecting('DoesNotExist') },
    { name: 'affinity Gt', plugin: nodeAffinity(), node: { labels: { cores: '8' } }, pod: selecting('Gt', ['7']) },
    {
      name: 'affinity Lt',
      plugin: nodeAffinity(),
      node: { labels: { cores: '8' } },
      pod: selecting('Lt', ['8']),
      refusal: NO_MATCH,
    },
  ],
  SCH5: [
    { name: 'a host port in use', plugin: nodePorts, pod: onPort(80), others: [onPort(80)], refusal: NO_PORT },
    {
      name: 'a host port on another address',
      plugin: nodePorts,
      pod: onPort(80, '127.0.0.1'),
      others: [onPort(80, '127.0.0.2')],
    },
    {
      name: 'a host port on every address',
      plugin: nodePorts,
      pod: onPort(80),
      others: [onPort(80, '127.0.0.2')],
      refusal: NO_PORT,
    },
  ],
  SCH6: [
    {
      name: 'requests that fit',
      plugin: nodeResourcesFit(),
      pod: asking({ cpu: '3', memory: '7Gi' }),
      others: [asking({ cpu: '1' })],
    },
    {
      name: 'requests beyond what is left',
      plugin: nodeResourcesFit(),
      pod: asking({ cpu: '3500m' }),
      others: [asking({ cpu: '1' })],
      refusal: 'Insufficient cpu',
    },
    {
      name: 'everything is short',
      plugin: nodeResourcesFit(),
      pod: asking({ cpu: '1000', memory: '1Ti', 'example.com/gpu': '1' }),
      node: { allocatable: { pods: '1' } },
      others: [{}],
      refusal: ['Too many pods', 'Insufficient cpu', 'Insufficient memory', 'Insufficient example.com/gpu'],
    },
  ],
} satisfies Record<string, readonly Case[]>;

for (const each of CASES.SCH1) test(`[SCH1] ${each.name}`, () => check(each));
for (const each of CASES.SCH2) test(`[SCH2] ${each.name}`, () => check(each));
for (const each of CASES.SCH3) test(`[SCH3] ${each.name}`, () => check(each));
for (const each of CASES.SCH4) test(`[SCH4] ${each.name}`, () => check(each));
for (const each of CASES.SCH5) test(`[SCH5] ${each.name}`, () => check(each));
for (const each of CASES.SCH6) test(`[SCH6] ${each.name}`, () => check(each));

const NODE = 'node-1';

/** A cluster of one node, with pods on it. */
function aState(node: Node, pods: readonly Pod[] = []): ClusterState {
  const state = new ClusterState();
  state.setNode(node);
  for (const [index, pod] of pods.entries())
    state.setPod({
      ...pod,
      metadata: { ...pod.metadata, uid: `${index}` },
      spec: { ...pod.spec, nodeName: node.metadata.name },
    });
  return state;
}

function reasonsOf(plugin: Plugin, pod: Pod, state: ClusterState): readonly string[] | undefined {
  const filter = plugin.filter?.(pod, state);
  assert.ok(filter === undefined || 'verdict' in filter);
  return filter?.verdict(state.slotOf(NODE) ?? 0)?.reasons;
}

function scoreOf(plugin: Plugin, pod: Pod, state: ClusterState): number | undefined {
  const score = plugin.score?.(pod, state);
  if (score === undefined || score.kind === 'domains') return undefined;
  return score.score(state.slotOf(NODE) ?? 0);
}

function check({ plugin, pod = {}, node, others = [], refusal }: Case): void {
  const running = others.map((spec) => aPod({ spec }));
  const reasons = reasonsOf(plugin, aPod({ spec: pod }), aState(aNode(node), running));
  assert.deepEqual(reasons, refusal === undefined ? undefined : [refusal].flat());
}

test('[SCH6] a pod that has ended takes nothing', () => {
  const ended = aPod({ spec: asking({ cpu: '4' }), status: { phase: 'Succeeded' } });
  assert.equal(
    reasonsOf(nodeResourcesFit(), aPod({ spec: asking({ cpu: '4' }) }), aState(aNode(), [ended])),
    undefined,
  );
});

describe('scores', () => {
  const pod = aPod({ spec: asking({ cpu: '1', memory: '2Gi' }) });
  const fit = nodeResourcesFit();

  test('[SCH7] the node with more left is preferred', () => {
    const empty = scoreOf(fit, pod, aState(aNode()));
    const half = scoreOf(fit, pod, aState(aNode(), [aPod({ spec: asking({ cpu: '2', memory: '4Gi' }) })]));
    assert.deepEqual([empty, half], [75, 25]);
  });

  test('[SCH7] containers that ask for nothing still count', () => {
    assert.equal(scoreOf(fit, aPod(), aState(aNode({ allocatable: { cpu: '1', memory: '2000Mi' } }))), 90);
  });

  test('[SCH8] the node whose CPU and memory are used evenly is preferred', () => {
    const even = scoreOf(balancedAllocation(), pod, aState(aNode()));
    const skewed = scoreOf(balancedAllocation(), pod, aState(aNode(), [aPod({ spec: asking({ cpu: '2' }) })]));
    assert.deepEqual([even, skewed], [100, 75]);
  });

  test('[SCH8] a pod that asks for nothing is placed without a look at balance', () => {
    assert.equal(scoreOf(balancedAllocation(), aPod(), aState(aNode())), undefined);
  });

  test('[SCH9] preferred affinity adds up its weights and avoided taints count against a node', () => {
    const preferring = aPod({
      spec: {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 30, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } },
              { weight: 10, preference: { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] } },
            ],
          },
        },
      },
    });
    const tainted = aState(
      aNode({ labels: { disk: 'ssd' }, spec: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } }),
    );
    assert.equal(scoreOf(nodeAffinity(), preferring, tainted), 30);
    assert.equal(scoreOf(taintToleration, preferring, tainted), 1);
  });
});
