import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aNode } from '#test/builders/nodes';
import { aClusterState, aNodeIn, aPodOn, nodesFor, scoresOf, waiting } from '#test/builders/scheduling';
import type { PodAffinityTerm, PodSpec } from '#api/types/core-v1';
import { interPodAffinity } from './inter-pod-affinity.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const near = (topologyKey: string, app: string, rest: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels: { app } },
  ...rest,
});
const wanting = (...terms: readonly PodAffinityTerm[]): Partial<PodSpec> => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const avoiding = (...terms: readonly PodAffinityTerm[]): Partial<PodSpec> => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const preferring = (weight: number, podAffinityTerm: PodAffinityTerm): Partial<PodSpec> => ({
  affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } },
});
const disliking = (weight: number, podAffinityTerm: PodAffinityTerm): Partial<PodSpec> => ({
  affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } },
});
const nodes = [aNodeIn('x', 'x1'), aNodeIn('x', 'x2'), aNodeIn('y', 'y1'), aNode({ name: 'nowhere' })];
const labels = (app: string) => ({ meta: { labels: { app } } });
const plugins = [interPodAffinity()];
const NOT_NEAR = "node(s) didn't match pod affinity rules";

test('[PLG7] a pod goes where all its required company is', () => {
  const state = aClusterState({ nodes, pods: [aPodOn('x1', 'db', labels('db'))] });
  assert.deepEqual(nodesFor(state, waiting(wanting(near(ZONE, 'db'))), plugins), ['x1', 'x2']);
  assert.deepEqual(nodesFor(state, waiting(wanting(near(ZONE, 'db'), near(HOST, 'db'))), plugins), ['x1']);
  assert.equal(
    nodesFor(state, waiting(wanting(near(ZONE, 'db'), near(ZONE, 'cache'))), plugins),
    `0/4 nodes are available: 4 ${NOT_NEAR}.`,
  );
});

test('[PLG7] the first of a group goes anywhere, and the others follow', () => {
  const state = aClusterState({ nodes });
  const pod = waiting(wanting(near(ZONE, 'web')));
  assert.deepEqual(nodesFor(state, pod, plugins), ['x1', 'x2', 'y1']);
  state.setPod(aPodOn('y1', 'first'));
  assert.deepEqual(nodesFor(state, pod, plugins), ['y1']);
  state.removePod('uid-of-first');
  assert.deepEqual(nodesFor(state, pod, plugins), ['x1', 'x2', 'y1']);
});

test('[PLG8] pods keep away from those they avoid and from those that avoid them', () => {
  const state = aClusterState({
    nodes: nodes.slice(0, 3),
    pods: [aPodOn('x1', 'db', labels('db')), aPodOn('y1', 'shy', { spec: avoiding(near(HOST, 'web')) })],
  });
  assert.deepEqual(nodesFor(state, waiting(avoiding(near(ZONE, 'db')), { labels: { app: 'other' } }), plugins), ['y1']);
  assert.deepEqual(nodesFor(state, waiting({}), plugins), ['x1', 'x2']);
  assert.equal(
    nodesFor(state, waiting(avoiding(near(ZONE, 'db'))), plugins),
    "0/3 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules, 2 node(s) didn't match pod anti-affinity rules.",
  );
});

test('[PLG9] company that is liked attracts, company that is not repels, and so do the likes of others', () => {
  const pods = [
    aPodOn('x1', 'db', labels('db')),
    aPodOn('x2', 'noisy', labels('noisy')),
    aPodOn('y1', 'fan', { ...labels('fan'), spec: preferring(5, near(HOST, 'web')) }),
  ];
  const state = aClusterState({ nodes: nodes.slice(0, 3), pods });
  const liked = waiting({
    affinity: {
      ...preferring(10, near(HOST, 'db')).affinity,
      ...disliking(5, near(HOST, 'noisy')).affinity,
    },
  });
  assert.deepEqual(scoresOf(state, liked, interPodAffinity()), { x1: 100, x2: 0, y1: 66 });
  assert.deepEqual(scoresOf(state, waiting({}), interPodAffinity()), { x1: 0, x2: 0, y1: 100 });
  const deaf = interPodAffinity({ ignorePreferredTermsOfExistingPods: true });
  assert.deepEqual(scoresOf(state, waiting({}), deaf), { x1: 0, x2: 0, y1: 0 });
});

test('[PLG9] a pod that needs company draws it near, as much as the configuration says', () => {
  const pods = [
    aPodOn('x1', 'needy', { ...labels('needy'), spec: wanting(near(HOST, 'web')) }),
    aPodOn('y1', 'fan', { ...labels('fan'), spec: preferring(4, near(HOST, 'web')) }),
  ];
  const state = aClusterState({ nodes: nodes.slice(0, 3), pods });
  const scores = (hardPodAffinityWeight: number) =>
    scoresOf(state, waiting({}), interPodAffinity({ hardPodAffinityWeight }));
  assert.deepEqual(scores(1), { x1: 25, x2: 0, y1: 100 });
  assert.deepEqual(scores(8), { x1: 100, x2: 0, y1: 50 });
  assert.deepEqual(scores(0), { x1: 0, x2: 0, y1: 100 });
});

test('[PLG10] terms mean namespaces by name and by label, as the labels are now', () => {
  const state = aClusterState({
    nodes: nodes.slice(0, 3),
    pods: [aPodOn('x1', 'db', { meta: { namespace: 'data', labels: { app: 'db' } } })],
  });
  const team = { namespaceSelector: { matchLabels: { team: 'a' } } };
  const tried = (rest: Partial<PodAffinityTerm>) => nodesFor(state, waiting(wanting(near(HOST, 'db', rest))), plugins);
  const nobody = `0/3 nodes are available: 3 ${NOT_NEAR}.`;
  assert.equal(tried({}), nobody);
  assert.deepEqual(tried({ namespaces: ['data'] }), ['x1']);
  assert.deepEqual(tried({ namespaceSelector: {} }), ['x1']);
  assert.equal(tried(team), nobody);
  state.setNamespace('data', { team: 'a' });
  assert.deepEqual(tried(team), ['x1']);
  state.setNamespace('data', { team: 'b' });
  assert.equal(tried(team), nobody);
  state.setNamespace('data', { team: 'a' });
  state.removeNamespace('data');
  assert.equal(tried(team), nobody);
});
