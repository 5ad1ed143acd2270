/** Room and how it is valued, in upstream's numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNode } from '#test/builders/nodes';
import { aClusterState, aPodOn, nodesFor, scoresOf, waiting } from '#test/builders/scheduling';
import { nodeResourcesFit, type NodeResourcesFitArgs } from './node-resources-fit.ts';

const container = (requests: Readonly<Record<string, string>>) => ({ name: 'c', image: 'i', resources: { requests } });
const sidecar = (requests: Readonly<Record<string, string>>) => ({ ...container(requests), restartPolicy: 'Always' });

test('[PLG1] what all parts of a pod ask for adds up', () => {
  const pods = {
    overhead: { containers: [container({ cpu: '3500m' })], overhead: { cpu: '600m' } },
    'an init container': { containers: [container({})], initContainers: [container({ cpu: '4100m' })] },
    'a sidecar': { containers: [container({ cpu: '2' })], initContainers: [sidecar({ cpu: '2100m' })] },
    'the pod as a whole': { containers: [container({ cpu: '1' })], resources: { requests: { cpu: '4100m' } } },
  };
  for (const [what, spec] of Object.entries(pods))
    assert.equal(
      nodesFor(aClusterState(), waiting(spec), [nodeResourcesFit()]),
      '0/1 nodes are available: 1 Insufficient cpu.',
      what,
    );
});

test('[PLG2] strategies value what would be in use', () => {
  const devices = { 'example.com/gpu': '4' };
  const nodes = [aNode({ name: 'full', allocatable: devices }), aNode({ name: 'idle', allocatable: devices })];
  const others = [aPodOn('full', 'other', { spec: { containers: [container({ cpu: '2', memory: '4Gi' })] } })];
  const state = aClusterState({ nodes, pods: others });
  const pod = waiting({ containers: [container({ cpu: '1', memory: '1Gi', 'example.com/gpu': '1' })] });
  const resources = [
    { name: 'cpu', weight: 3 },
    { name: 'memory', weight: 1 },
    { name: 'example.com/gpu', weight: 4 },
  ];
  const shape = [
    { utilization: 0, score: 0 },
    { utilization: 50, score: 10 },
    { utilization: 100, score: 4 },
  ];
  const strategies: readonly NonNullable<NodeResourcesFitArgs['scoringStrategy']>[] = [
    {},
    { type: 'LeastAllocated', resources },
    { type: 'MostAllocated', resources },
    { type: 'RequestedToCapacityRatio', resources, requestedToCapacityRatio: { shape } },
  ];
  assert.deepEqual(
    strategies.map((scoringStrategy) => scoresOf(state, pod, nodeResourcesFit({ scoringStrategy }))),
    [
      { full: 31, idle: 81 },
      { full: 51, idle: 76 },
      { full: 48, idle: 23 },
      { full: 62, idle: 47 },
    ],
  );
});

test('[PLG2] a device that the pod does not ask for has no part in its score', () => {
  const scoringStrategy = {
    resources: [
      { name: 'cpu', weight: 1 },
      { name: 'example.com/gpu', weight: 1 },
    ],
  };
  const state = aClusterState({ nodes: [aNode({ allocatable: { 'example.com/gpu': '4' } })] });
  const pod = waiting({ containers: [container({ cpu: '1' })] });
  assert.deepEqual(scoresOf(state, pod, nodeResourcesFit({ scoringStrategy })), { 'node-1': 75 });
});

test('[PLG3] ignored resources never refuse a node', () => {
  const pod = waiting({ containers: [container({ 'example.com/gpu': '1', 'other.org/card': '1' })] });
  const fits = (args: NodeResourcesFitArgs) => nodesFor(aClusterState(), pod, [nodeResourcesFit(args)]);
  assert.equal(fits({}), '0/1 nodes are available: 1 Insufficient example.com/gpu, 1 Insufficient other.org/card.');
  assert.equal(
    fits({ ignoredResources: ['example.com/gpu'] }),
    '0/1 nodes are available: 1 Insufficient other.org/card.',
  );
  assert.deepEqual(fits({ ignoredResources: ['example.com/gpu'], ignoredResourceGroups: ['other.org'] }), ['node-1']);
});
