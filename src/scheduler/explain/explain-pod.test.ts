/** Why pods wait, and the smallest changes that would place them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node, Pod, PodSpec } from '#api/types/core-v1';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { defaultProfile } from '../plugins/default-profile.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { explainPlaced, explainWaiting, type WaitingExplanation } from './explain-pod.ts';

type Case = {
  readonly name: string;
  readonly nodes?: readonly Node[];
  readonly running?: readonly Pod[];
  readonly pod?: Partial<PodSpec>;
  readonly alike?: number;
  readonly message: string;
  /** The best change, and others that are offered. */
  readonly change: string;
  readonly others?: readonly string[];
};

const asking = (requests: Readonly<Record<string, string>>): Partial<PodSpec> => ({
  containers: [{ name: 'web', image: 'nginx', resources: { requests } }],
});

const onPort = (hostPort: number): Partial<PodSpec> => ({
  containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80, hostPort }] }],
});

const on = (nodeName: string, spec: Partial<PodSpec> = {}, name = `on-${nodeName}`): Pod =>
  aPod({ name, spec: { ...spec, nodeName } });

const spreading = (topologyKey: string) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
});

const nearWeb = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } };

const gpuTaint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };

const CASES: readonly Case[] = [
  {
    name: 'too little CPU left',
    running: [on('node-1', asking({ cpu: '3' }))],
    pod: asking({ cpu: '1500m' }),
    message: '0/1 nodes are available: 1 Insufficient cpu.',
    change: 'lower the cpu request of container web from 1500m to 1, which is what node node-1 has left',
    others: ['add 1 node like node-1 (4 cpu, 8Gi memory)'],
  },
  {
    name: 'more than any node has',
    pod: asking({ cpu: '64', memory: '1Gi' }),
    message: '0/1 nodes are available: 1 Insufficient cpu.',
    change: 'lower the cpu request of container web from 64 to 4, which is what node node-1 has left',
    others: ['add 1 node with at least 64 cpu, 1Gi memory free'],
  },
  {
    name: 'CPU and memory',
    pod: asking({ cpu: '5', memory: '10Gi' }),
    message: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.',
    change:
      'lower the cpu request of container web from 5 to 4 and lower the memory request of container web from 10Gi to 8Gi, which is what node node-1 has left',
  },
  {
    name: 'a resource that no node has',
    pod: asking({ 'example.com/gpu': '1' }),
    message: '0/1 nodes are available: 1 Insufficient example.com/gpu.',
    change: 'add 1 node with at least 1 example.com/gpu free',
    others: ['lower the example.com/gpu request of container web from 1 to 0, which is what node node-1 has left'],
  },
  {
    name: 'a node that is full of pods',
    nodes: [aNode({ allocatable: { pods: '1' } })],
    running: [on('node-1')],
    message: '0/1 nodes are available: 1 Too many pods.',
    change: 'add 1 node like node-1 (4 cpu, 8Gi memory)',
  },
  {
    name: 'a taint',
    nodes: [aNode({ spec: { taints: [gpuTaint] } })],
    message: '0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}.',
    change: 'tolerate the taint gpu=yes:NoSchedule in the pod',
    others: ['remove the taint gpu=yes:NoSchedule from node node-1'],
  },
  {
    name: 'a sick node',
    nodes: [aNode({ spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] } })],
    message: '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.',
    change: 'add 1 node like node-1 (4 cpu, 8Gi memory)',
    others: ['heal node node-1, which has the taint node.kubernetes.io/not-ready:NoSchedule'],
  },
  {
    name: 'a cordoned node',
    nodes: [aNode({ spec: { unschedulable: true } })],
    message: '0/1 nodes are available: 1 node(s) were unschedulable.',
    change: 'uncordon node node-1',
  },
  {
    name: 'a label that no node has',
    pod: { nodeSelector: { disk: 'ssd' } },
    message: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    change: 'label node node-1 with disk=ssd',
    others: ["drop disk=ssd from the pod's node selector"],
  },
  {
    name: 'a label with another value',
    nodes: [aNode({ labels: { disk: 'hdd' } })],
    pod: { nodeSelector: { disk: 'ssd' } },
    message: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    change: 'label node node-1 with disk=ssd',
    others: ["select disk=hdd instead of disk=ssd in the pod's node selector"],
  },
  {
    name: 'a node affinity',
    pod: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['7'] }] }],
          },
        },
      },
    },
    message: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    change: 'label node node-1 with cores=8',
    others: ["drop the pod's required node affinity"],
  },
  {
    name: 'a host port',
    running: [on('node-1', onPort(80))],
    pod: onPort(80),
    message: "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
    change: 'use host port 81 instead of 80 in the pod',
  },
  {
    name: 'a scheduling gate',
    pod: { schedulingGates: [{ name: 'example.com/wait' }] },
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    change: 'remove the scheduling gate example.com/wait from the pod',
  },
  {
    name: 'a gate and a taint',
    nodes: [aNode({ spec: { taints: [gpuTaint] } })],
    pod: { schedulingGates: [{ name: 'example.com/wait' }] },
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    change:
      'remove the scheduling gate example.com/wait from the pod, and tolerate the taint gpu=yes:NoSchedule in the pod',
  },
  {
    name: 'a taint and too much memory',
    nodes: [aNode({ spec: { taints: [gpuTaint] } }), aNode({ name: 'node-2', spec: { unschedulable: true } })],
    pod: asking({ memory: '10Gi' }),
    message: '0/2 nodes are available: 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable.',
    change:
      'tolerate the taint gpu=yes:NoSchedule in the pod, and lower the memory request of container web from 10Gi to 8Gi, which is what node node-1 has left',
    others: ['add 1 node with at least 10Gi memory free'],
  },
  {
    name: 'no node at all',
    nodes: [],
    pod: { ...asking({ cpu: '2' }), nodeSelector: { disk: 'ssd' } },
    message: 'no nodes available to schedule pods',
    change: 'add 1 node with at least 2 cpu free and labelled disk=ssd',
  },
  {
    name: 'spreading that is too strict',
    nodes: [
      aNode({ labels: { zone: 'a' } }),
      aNode({ name: 'node-2', labels: { zone: 'b' }, spec: { unschedulable: true } }),
    ],
    running: [on('node-1'), on('node-1', {}, 'second')],
    pod: { topologySpreadConstraints: [spreading('zone')] },
    message:
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable.",
    change: 'uncordon node node-2',
    others: ['raise maxSkew over zone from 1 to 3 in the pod'],
  },
  {
    name: 'spreading over a label that the node lacks',
    pod: { topologySpreadConstraints: [spreading('zone')] },
    message:
      "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
    change: 'label node node-1 with zone=node-1',
  },
  {
    name: 'pods that keep away from each other',
    running: [on('node-1')],
    pod: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [nearWeb] } } },
    nodes: [aNode({ labels: { 'kubernetes.io/hostname': 'node-1' } })],
    message: "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
    change: 'wish to keep away from pods app=web per kubernetes.io/hostname instead of insisting on it',
    others: ['add 1 node like node-1 (4 cpu, 8Gi memory)'],
  },
  {
    name: 'a pod that wants to be near one that is not there',
    nodes: [aNode({ labels: { 'kubernetes.io/hostname': 'node-1' } })],
    pod: {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { ...nearWeb, labelSelector: { matchLabels: { app: 'db' } } },
          ],
        },
      },
    },
    message: "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
    change: 'wish to be near pods app=db per kubernetes.io/hostname instead of insisting on it',
  },
  {
    name: 'a pod that others keep away from',
    nodes: [aNode({ labels: { 'kubernetes.io/hostname': 'node-1' } })],
    running: [
      on('node-1', {
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [nearWeb] } },
      }),
    ],
    message: "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
    change: 'add 1 node like node-1 (4 cpu, 8Gi memory)',
    others: ['drop the label app=web from the pod, which pods that run there keep away from'],
  },
  {
    name: 'ten pods where three fit',
    pod: asking({ cpu: '2' }),
    running: [on('node-1', asking({ cpu: '4' }))],
    alike: 9,
    message: '0/1 nodes are available: 1 Insufficient cpu.',
    change: 'add 5 nodes like node-1 (4 cpu, 8Gi memory)',
  },
];

type Situation = Pick<Case, 'nodes' | 'running' | 'pod' | 'alike'>;

function explain({ nodes = [aNode()], running = [], pod = {}, alike = 0 }: Situation): WaitingExplanation {
  const state = new ClusterState();
  for (const node of nodes) state.setNode(node);
  for (const each of running) state.setPod(each);
  const waiting = (index: number): Pod => aPod({ name: `waiting-${index}`, spec: pod, status: { phase: 'Pending' } });
  const others = Array.from({ length: alike }, (_, index) => waiting(index + 1));
  return explainWaiting({ state, profile: defaultProfile, pod: waiting(0), alike: others });
}

describe('waiting pods', () => {
  for (const each of CASES) {
    test(`[EXP1] ${each.name}`, () => {
      const { message, changes } = explain(each);
      const texts = changes.map(({ text }) => text);
      assert.deepEqual({ message, change: texts[0] }, { message: each.message, change: each.change }, texts.join('\n'));
      for (const other of each.others ?? []) assert.ok(texts.includes(other), `${other}\nnot in\n${texts.join('\n')}`);
    });
  }
});

test('[EXP1] a claim that is missing, and node names that exclude each other', () => {
  const state = new ClusterState();
  state.setNode(aNode());
  const missing = { because: 'persistentvolumeclaim "data" not found', resolvable: false };
  const filters = [...defaultProfile.filters, { name: 'VolumeBinding', filter: () => missing }];
  const pod = aPod({ status: { phase: 'Pending' } });
  const first = explainWaiting({ state, profile: { ...defaultProfile, filters }, pod, alike: [] });
  assert.equal(first.message, '0/1 nodes are available: persistentvolumeclaim "data" not found.');
  assert.deepEqual(
    first.changes.map(({ text, creates = [] }) => [text, creates.map(({ kind, metadata }) => [kind, metadata.name])]),
    [['create the persistent volume claim data', [['PersistentVolumeClaim', 'data']]]],
  );
  const named = (name: string) => ({ key: 'metadata.name', operator: 'In', values: [name] });
  const terms = { nodeSelectorTerms: [{ matchFields: [named('a'), named('b')] }] };
  const torn: Partial<PodSpec> = {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  };
  const second = explain({ pod: torn });
  assert.equal(second.message, '0/1 nodes are available: pod affinity terms conflict.');
  assert.deepEqual(
    second.changes.map(({ text }) => text),
    ["drop the pod's required node affinity"],
  );
});

test('[EXP2] every plugin is heard about every node, grouped by what it says', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => aNode({ name, spec: { unschedulable: true } }));
  const tainted = aNode({ name: 'e', spec: { taints: [gpuTaint], unschedulable: true } });
  const { refusals, message } = explain({ nodes: [...nodes, tainted], pod: asking({ cpu: '64' }) });
  assert.deepEqual(refusals, [
    { plugin: 'NodeUnschedulable', reason: 'node(s) were unschedulable', nodes: 5, examples: ['a', 'b', 'c'] },
    { plugin: 'NodeResourcesFit', reason: 'Insufficient cpu', nodes: 5, examples: ['a', 'b', 'c'] },
    { plugin: 'TaintToleration', reason: 'node(s) had untolerated taint {gpu: yes}', nodes: 1, examples: ['e'] },
  ]);
  assert.equal(message, '0/5 nodes are available: 5 node(s) were unschedulable.');
});

test('[EXP3] a change is counted by how many of the waiting pods it places', () => {
  const nodes = ['a', 'b', 'c'].map((name) => aNode({ name, spec: { unschedulable: true } }));
  const { changes } = explain({ nodes, pod: asking({ cpu: '2' }), alike: 5 });
  assert.deepEqual(
    changes.map(({ text, places, nodes: changed }) => ({ text, places, nodes: changed.length })),
    [
      { text: 'uncordon node a, and do the same with b, c', places: 6, nodes: 3 },
      { text: 'tolerate node.kubernetes.io/unschedulable in the pod', places: 6, nodes: 0 },
      { text: 'add 3 nodes like a (4 cpu, 8Gi memory)', places: 6, nodes: 3 },
    ],
  );
});

test('[EXP3] a request is lowered as far as it takes for all that wait', () => {
  const nodes = ['a', 'b', 'c'].map((name) => aNode({ name }));
  const running = nodes.map(({ metadata }) => on(metadata.name, asking({ cpu: '2' })));
  const { changes } = explain({ nodes, running, pod: asking({ cpu: '3' }), alike: 5 });
  assert.deepEqual(
    changes.map(({ text, places }) => ({ text, places })),
    [
      { text: 'lower the cpu request of container web from 3 to 1, so that all 6 of them fit', places: 6 },
      { text: 'add 6 nodes like a (4 cpu, 8Gi memory)', places: 6 },
      { text: 'lower the cpu request of container web from 3 to 2, which is what node a has left', places: 3 },
    ],
  );
});

test('[EXP4] a pod that has a node hears how it was scored, and what the others would have had', () => {
  const state = new ClusterState();
  for (const node of [aNode(), aNode({ name: 'node-2' }), aNode({ name: 'node-3', spec: { unschedulable: true } })])
    state.setNode(node);
  const pod = on('node-1', asking({ cpu: '1' }));
  state.setPod(pod);
  state.setPod(on('node-2', asking({ cpu: '2' }), 'other'));
  const { scores, refusals } = explainPlaced(state, defaultProfile, pod);
  assert.deepEqual(
    scores.map(({ node, total }) => ({ node, total })),
    [
      { node: 'node-1', total: 473 },
      { node: 'node-2', total: 422 },
    ],
  );
  assert.deepEqual(
    scores[0]?.plugins.find(({ plugin }) => plugin === 'NodeResourcesFit'),
    { plugin: 'NodeResourcesFit', weight: 1, raw: 86, normalized: 86 },
  );
  assert.deepEqual(refusals, [
    { plugin: 'NodeUnschedulable', reason: 'node(s) were unschedulable', nodes: 1, examples: ['node-3'] },
  ]);
  assert.equal(state.podOf(pod.metadata.uid)?.spec.nodeName, 'node-1');
});

test('[EXP5] what is tried leaves no trace', () => {
  const state = new ClusterState();
  state.setNode(aNode({ spec: { unschedulable: true } }));
  const pod = aPod({ name: 'waiting', spec: asking({ cpu: '64' }), status: { phase: 'Pending' } });
  const ask = (): WaitingExplanation => explainWaiting({ state, profile: defaultProfile, pod, alike: [] });
  const first = ask();
  assert.deepEqual(ask(), first);
  assert.deepEqual([state.nodeCount, state.columns.podCount[0], state.podOf(pod.metadata.uid)], [1, 0, undefined]);
});
