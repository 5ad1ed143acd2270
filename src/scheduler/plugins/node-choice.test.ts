/** Nodes by name, by what the configuration adds, and by their images. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNode } from '#test/builders/nodes';
import { aClusterState, nodesFor, scoresOf, waiting } from '#test/builders/scheduling';
import { imageLocality } from './image-locality.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';

const onDisk = (disk: string) => ({
  nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: [disk] }] }],
});

test('[PLG4] affinity that the configuration adds holds for every pod', () => {
  const state = aClusterState({
    nodes: [aNode({ name: 'fast', labels: { disk: 'ssd' } }), aNode({ name: 'slow', labels: { disk: 'hdd' } })],
  });
  const enforced = nodeAffinity({
    addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: onDisk('ssd') },
  });
  assert.deepEqual(nodesFor(state, waiting({}), [enforced]), ['fast']);
  assert.equal(
    nodesFor(state, waiting({ nodeSelector: { disk: 'hdd' } }), [enforced]),
    "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't match scheduler-enforced node affinity.",
  );
  const [preference] = onDisk('hdd').nodeSelectorTerms;
  const preferring = nodeAffinity({
    addedAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 7, preference: preference ?? {} }] },
  });
  assert.deepEqual(scoresOf(state, waiting({}), preferring), { fast: 0, slow: 100 });
});

test('[PLG5] a pod that names its nodes is tried on these alone', () => {
  const state = aClusterState({
    nodes: [aNode({ name: 'a' }), aNode({ name: 'b', spec: { unschedulable: true } }), aNode({ name: 'c' })],
  });
  const named = (...values: readonly (readonly string[])[]) =>
    waiting({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchFields: values.map((names) => ({ key: 'metadata.name', operator: 'In', values: names })) },
            ],
          },
        },
      },
    });
  const plugins = [nodeUnschedulable, nodeAffinity()];
  assert.deepEqual(nodesFor(state, named(['c']), plugins), ['c']);
  assert.equal(
    nodesFor(state, named(['b']), plugins),
    "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  );
  assert.equal(nodesFor(state, named(['a'], ['b']), plugins), '0/3 nodes are available: pod affinity terms conflict.');
});

test('[PLG6] images count by their size, and the more so the more nodes have them', () => {
  const MEBIBYTE = 1024 * 1024;
  const having = (name: string, images: Readonly<Record<string, number>>) =>
    aNode({
      name,
      status: {
        images: Object.entries(images).map(([image, size]) => ({ names: [image], sizeBytes: size * MEBIBYTE })),
      },
    });
  const nodes = [
    having('both', { 'web:latest': 800, 'db:1': 600 }),
    having('one', { 'web:latest': 800 }),
    having('none', {}),
  ];
  const state = aClusterState({ nodes });
  const pod = waiting({
    containers: [
      { name: 'web', image: 'web' },
      { name: 'db', image: 'db:1' },
    ],
  });
  assert.deepEqual(scoresOf(state, pod, imageLocality), { both: 35, one: 25, none: 0 });
  state.setNode(having('none', { 'db:1': 600 }));
  assert.deepEqual(scoresOf(state, pod, imageLocality), { both: 46, one: 25, none: 19 });
});
