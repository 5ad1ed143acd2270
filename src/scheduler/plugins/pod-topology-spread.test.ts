import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectorFrom } from '#api/meta/label-selector';
import type { Pod, TopologySpreadConstraint } from '#api/types/core-v1';
import { aNode } from '#test/builders/nodes';
import { aClusterState, aNodeIn, aPodOn, nodesFor, scoresOf, waiting } from '#test/builders/scheduling';
import { podTopologySpread } from './pod-topology-spread.ts';

const ZONE = 'topology.kubernetes.io/zone';
const plugins = [podTopologySpread()];
const SKEWED = "node(s) didn't match pod topology spread constraints";

const hard = (rest: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: ZONE,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
  ...rest,
});
const spreading = (...topologySpreadConstraints: readonly TopologySpreadConstraint[]) => ({
  topologySpreadConstraints,
});
const podsOn = (...names: readonly string[]): readonly Pod[] =>
  names.map((name, index) => aPodOn(name, `web-${index}`));

test('[PLG11] no domain gets too far ahead', () => {
  const nodes = [aNodeIn('x', 'x1'), aNodeIn('x', 'x2'), aNodeIn('y', 'y1'), aNode({ name: 'nowhere' })];
  const state = aClusterState({ nodes, pods: podsOn('x1') });
  assert.deepEqual(nodesFor(state, waiting(spreading(hard())), plugins), ['y1']);
  assert.deepEqual(nodesFor(state, waiting(spreading(hard({ maxSkew: 2 }))), plugins), ['x1', 'x2', 'y1']);
  state.setPod(aPodOn('y1', 'more'));
  assert.deepEqual(nodesFor(state, waiting(spreading(hard())), plugins), ['x1', 'x2', 'y1']);
  assert.equal(
    nodesFor(state, waiting(spreading(hard({ minDomains: 3 }))), plugins),
    `0/4 nodes are available: 1 ${SKEWED} (missing required label), 3 ${SKEWED}.`,
  );
});

test('[PLG11] pods that are about to go, or are of another namespace, do not count', () => {
  const nodes = [aNodeIn('x', 'x1'), aNodeIn('y', 'y1')];
  const going = aPodOn('x1', 'going', { meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const other = aPodOn('x1', 'other', { meta: { namespace: 'other' } });
  const state = aClusterState({ nodes, pods: [going, other] });
  assert.deepEqual(nodesFor(state, waiting(spreading(hard())), plugins), ['x1', 'y1']);
});

test('[PLG12] only nodes that the policies include count', () => {
  const nodes = [
    aNodeIn('x', 'x1', { labels: { disk: 'ssd' } }),
    aNodeIn('y', 'y1'),
    aNodeIn('z', 'z1', { labels: { disk: 'ssd' }, spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }),
  ];
  const state = aClusterState({ nodes, pods: podsOn('x1') });
  const tried = (constraint: Partial<TopologySpreadConstraint>) =>
    nodesFor(state, waiting({ ...spreading(hard(constraint)), nodeSelector: { disk: 'ssd' } }), plugins);
  // Zone y has no node that the pod wants: it is no domain, and none of its pods count.
  assert.deepEqual(tried({}), ['y1', 'z1']);
  assert.deepEqual(tried({ nodeTaintsPolicy: 'Honor' }), ['x1', 'y1', 'z1']);
  assert.deepEqual(tried({ nodeTaintsPolicy: 'Honor', nodeAffinityPolicy: 'Ignore' }), ['y1', 'z1']);
});

test('[PLG12] the own labels of matchLabelKeys join the selector', () => {
  const state = aClusterState({
    nodes: [aNodeIn('x', 'x1'), aNodeIn('y', 'y1')],
    pods: [aPodOn('x1', 'former', { meta: { labels: { app: 'web', version: '1' } } })],
  });
  const tried = (version: string) =>
    nodesFor(
      state,
      waiting(spreading(hard({ matchLabelKeys: ['version'] })), { labels: { app: 'web', version } }),
      plugins,
    );
  assert.deepEqual([tried('1'), tried('2')], [['y1'], ['x1', 'y1']]);
});

test('[PLG13] soft constraints prefer the emptier domain', () => {
  const nodes = [aNodeIn('x', 'x1'), aNodeIn('x', 'x2'), aNodeIn('y', 'y1'), aNode({ name: 'nowhere' })];
  const state = aClusterState({ nodes, pods: podsOn('x1', 'x2', 'y1') });
  const pod = waiting(spreading(hard({ whenUnsatisfiable: 'ScheduleAnyway' })));
  assert.deepEqual(scoresOf(state, pod, podTopologySpread()), { x1: 33, x2: 33, y1: 100, nowhere: 0 });
});

test('[PLG13] pods of a service are spread without saying so', () => {
  const nodes = [aNodeIn('x', 'x1'), aNodeIn('x', 'x2'), aNodeIn('y', 'y1')];
  const state = aClusterState({ nodes, pods: podsOn('x1', 'x1', 'x2') });
  assert.deepEqual(scoresOf(state, waiting({}), podTopologySpread()), { x1: 0, x2: 0, y1: 0 });
  const service = {
    kind: 'Service',
    namespace: 'default',
    name: 'web',
    selector: selectorFrom({ matchLabels: { app: 'web' } }),
  } as const;
  state.sources.set(service);
  assert.deepEqual(scoresOf(state, waiting({}), podTopologySpread()), { x1: 46, x2: 53, y1: 100 });
  const listed = podTopologySpread({
    defaultingType: 'List',
    defaultConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule' }],
  });
  assert.deepEqual(nodesFor(state, waiting({}), [listed]), ['y1']);
  state.sources.delete(service);
  assert.deepEqual(nodesFor(state, waiting({}), [listed]), ['x1', 'x2', 'y1']);
});

test('[PLG13] an owner tells which pods belong together, when it is one that does', () => {
  const nodes = [aNodeIn('x', 'x1'), aNodeIn('y', 'y1')];
  const state = aClusterState({ nodes, pods: podsOn('x1') });
  state.sources.set({
    kind: 'ReplicaSet',
    namespace: 'default',
    name: 'web',
    selector: selectorFrom({ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }),
  });
  const owned = (apiVersion: string) =>
    waiting({}, { ownerReferences: [{ apiVersion, kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true }] });
  assert.deepEqual(scoresOf(state, owned('apps/v1'), podTopologySpread()), { x1: 66, y1: 100 });
  assert.deepEqual(scoresOf(state, owned('other/v1'), podTopologySpread()), { x1: 0, y1: 0 });
});
