import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNodeIn, aPodOn, nodesFor, scoresOf, waiting } from '#test/builders/scheduling';
import { aNode } from '#test/builders/nodes';
import { interPodAffinity } from '../plugins/inter-pod-affinity.ts';
import { nodeResourcesFit } from '../plugins/node-resources-fit.ts';
import { podTopologySpread } from '../plugins/pod-topology-spread.ts';
import { ClusterState } from './cluster-state.ts';
import { CPU } from './resource-columns.ts';

const asking = (cpu: string) => ({ containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu } } }] });
const apart = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
      ],
    },
  },
};

test('[PLG18] what is tried leaves the cluster as it was', () => {
  const state = new ClusterState();
  for (const name of ['a', 'b']) state.setNode(aNodeIn('z', name));
  const old = aPodOn('a', 'old', { spec: { ...asking('3'), ...apart } });
  state.setPod(old);
  const pod = waiting({ ...asking('3'), ...apart });
  const plugins = [nodeResourcesFit(), podTopologySpread(), interPodAffinity()];
  const look = () => nodesFor(state, pod, plugins);
  assert.deepEqual(look(), ['b']);
  const edits = [
    [{ removePods: [old] }, ['a', 'b']],
    [{ setPods: [aPodOn('b', 'new', { spec: asking('2') })] }, '0/2 nodes are available: 2 Insufficient cpu.'],
    [{ setNodes: [aNodeIn('z', 'c')] }, ['b', 'c']],
    [{ setNodes: [aNodeIn('z', 'b', { allocatable: { cpu: '1' } })] }, '0/2 nodes are available: 2 Insufficient cpu.'],
    [{ removeNodes: ['b'] }, '0/1 nodes are available: 1 Insufficient cpu.'],
    [{ setPods: [aPodOn('b', 'old', { spec: asking('1') })] }, ['a']],
  ] as const;
  for (const [edit, expected] of edits) {
    assert.deepEqual(state.whatIf(edit, look), expected);
    assert.deepEqual(look(), ['b']);
  }
  assert.throws(() =>
    state.whatIf({ removeNodes: ['b'] }, () => {
      throw new Error('no');
    }),
  );
  assert.deepEqual([look(), state.podOf(old.metadata.uid)], [['b'], old]);
});

test('[PLG18] pods that are left out for a look come back as they were, whatever the look tries', () => {
  const state = new ClusterState();
  state.setNode(aNode({ name: 'a' }));
  const [first, second] = [aPodOn('a', 'first', { spec: asking('1') }), aPodOn('a', 'second', { spec: asking('2') })];
  const astray = aPodOn('nowhere', 'astray');
  const all = [first, second, astray];
  for (const pod of all) state.setPod(pod);
  const requested = (): number => state.columns.resources.requested(CPU, state.slotOf('a') ?? 0);
  const seen = state.without([...all, first, waiting({})], () => {
    const without = [requested(), state.podOf(first.metadata.uid)];
    state.setPod(first);
    return [...without, requested()];
  });
  assert.deepEqual(seen, [0, undefined, 1000]);
  const isSecondBack = state.without(all, (bringBack) => {
    bringBack(second);
    return [requested(), state.podOf(second.metadata.uid) === second];
  });
  assert.deepEqual(isSecondBack, [2000, true]);
  assert.throws(() =>
    state.without(all, () => {
      throw new Error('no');
    }),
  );
  assert.equal(requested(), 3000);
  for (const pod of all) assert.equal(state.podOf(pod.metadata.uid), pod);
});

test('[PLG20] pods may come before their node, and nodes may go and come back', () => {
  const state = new ClusterState();
  state.setPod(aPodOn('a', 'early', { spec: asking('3') }));
  assert.equal(state.nodeCount, 0);
  const pod = waiting(asking('2'));
  state.setNode(aNode({ name: 'a' }));
  const fits = () => nodesFor(state, pod, [nodeResourcesFit()]);
  assert.equal(fits(), '0/1 nodes are available: 1 Insufficient cpu.');
  state.removeNode('a');
  assert.equal(fits(), 'no nodes available to schedule pods');
  state.setNode(aNode({ name: 'b' }));
  state.setNode(aNode({ name: 'a' }));
  assert.deepEqual(fits(), ['b']);
  state.removePod('uid-of-early');
  assert.deepEqual(fits(), ['a', 'b']);
});

test('[PLG20] places are used again, and there is room for any number', () => {
  const state = new ClusterState();
  for (let index = 0; index < 500; index++) {
    state.setNode(aNode({ name: `old-${index}` }));
    state.removeNode(`old-${index}`);
  }
  assert.equal(state.slotsEnd, 1);
  const pod = waiting(asking('1'));
  for (let index = 0; index < 200; index++) {
    state.setNode(aNode({ name: `node-${index}` }));
    state.setPod(aPodOn(`node-${index}`, `pod-${index}`, { spec: asking('4') }));
    assert.equal(typeof nodesFor(state, pod, [nodeResourcesFit()]), 'string');
  }
  state.setNode(aNode({ name: 'last' }));
  assert.deepEqual(nodesFor(state, pod, [nodeResourcesFit()]), ['last']);
  assert.equal(scoresOf(state, pod, nodeResourcesFit())['last'], 86);
});
