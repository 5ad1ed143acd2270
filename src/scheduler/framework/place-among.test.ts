/** Pods that ask for what few nodes have go to these, and what is said of the others stays the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { defaultProfile as profile } from '../plugins/default-profile.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { placePod } from './place.ts';
import { explainRefusal } from './placement.ts';

const DEVICE = 'example.com/rare';

function clusterWith(devices: readonly number[]): ClusterState {
  const state = new ClusterState();
  for (const [index, count] of devices.entries())
    state.setNode(aNode({ name: `node-${index}`, ...(count > 0 ? { allocatable: { [DEVICE]: `${count}` } } : {}) }));
  return state;
}

const asking = (requests: Readonly<Record<string, string>>) => ({
  containers: [{ name: 'web', image: 'web', resources: { requests } }],
});

const pod = aPod({ name: 'next', spec: asking({ cpu: '1', [DEVICE]: '1' }) });

function outcome(state: ClusterState, draw = 0): string {
  const placement = placePod(state, pod, { profile, draw });
  return placement.placed ? placement.node : explainRefusal(placement);
}

test('[PLG21] among the few nodes that have a device, the emptiest is chosen, and the draw decides between equals', () => {
  const state = clusterWith([0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1]);
  state.setPod(aPod({ name: 'there', spec: { ...asking({ cpu: '2' }), nodeName: 'node-3' } }));
  assert.deepEqual([outcome(state), outcome(state, 0.99)], ['node-6', 'node-11']);
});

test('[PLG21] when none of the few has room, every node is counted with its reason', () => {
  const state = clusterWith([0, 0, 0, 1, 0, 0, 0, 0]);
  state.setNode(aNode({ name: 'node-0', spec: { unschedulable: true } }));
  state.setPod(aPod({ name: 'there', spec: { ...asking({ cpu: '1', [DEVICE]: '1' }), nodeName: 'node-3' } }));
  const refused = `0/8 nodes are available: 1 node(s) were unschedulable, 7 Insufficient ${DEVICE}.`;
  assert.deepEqual([outcome(state), outcome(state)], [refused, refused]);
});

test('[PLG21] a node that gets the device, or loses it, is seen at once', () => {
  const state = clusterWith([1, 0, 0, 0, 0, 0, 0, 0]);
  state.setNode(aNode({ name: 'node-0' }));
  assert.equal(outcome(state), `0/8 nodes are available: 8 Insufficient ${DEVICE}.`);
  state.setNode(aNode({ name: 'node-5', allocatable: { [DEVICE]: '1' } }));
  assert.equal(outcome(state), 'node-5');
  state.removeNode('node-5');
  assert.equal(outcome(state), `0/7 nodes are available: 7 Insufficient ${DEVICE}.`);
});

test('[PLG23] the first of its kind goes where the next ones would, and is refused for the same reasons', () => {
  const state = clusterWith([0, 0, 0, 0]);
  state.setNode(aNode({ name: 'node-1', spec: { unschedulable: true } }));
  state.setNode(aNode({ name: 'node-2', spec: { taints: [{ key: 'own', effect: 'NoSchedule' }] } }));
  state.setPod(aPod({ name: 'there', spec: { ...asking({ cpu: '1' }), nodeName: 'node-3' } }));
  const tried = (cpu: string): string => {
    const placement = placePod(state, aPod({ name: 'next', spec: asking({ cpu }) }), { profile, draw: 0 });
    return placement.placed ? `${placement.node} ${placement.score}` : explainRefusal(placement);
  };
  const [first, ...later] = [tried('1'), tried('1'), tried('1')];
  const [firstRefused, ...laterRefused] = [tried('99'), tried('99'), tried('99')];
  assert.equal(first.split(' ')[0], 'node-0');
  assert.match(firstRefused, /1 node\(s\) had untolerated taint \{own: \}, 1 node\(s\) were unschedulable, 2 Insuff/);
  assert.deepEqual([...later, ...laterRefused], [first, first, firstRefused, firstRefused]);
});
