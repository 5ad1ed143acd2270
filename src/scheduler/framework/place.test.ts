/** Where a pod goes, and what is said when it goes nowhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { defaultProfile as profile } from '../plugins/default-profile.ts';
import { interPodAffinity } from '../plugins/inter-pod-affinity.ts';
import { nodeResourcesFit } from '../plugins/node-resources-fit.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { placePod } from './place.ts';
import { explainRefusal } from './placement.ts';

const asking = (cpu: string) => ({ containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu } } }] });

test('[SCH10] the emptiest node that fits is chosen, and the draw decides between equals', () => {
  const state = new ClusterState();
  for (const name of ['busy', 'left', 'right']) state.setNode(aNode({ name }));
  state.setPod(aPod({ spec: { ...asking('3'), nodeName: 'busy' } }));
  const chosen = [0, 0.99].map((draw) => placePod(state, aPod({ spec: asking('1') }), { profile, draw }));
  assert.deepEqual(
    chosen.map((placement) => placement.placed && placement.node),
    ['left', 'right'],
  );
});

test("[SCH11] a pod that fits nowhere gets the reasons counted, in upstream's words", () => {
  const state = new ClusterState();
  const pod = aPod({ spec: asking('1000') });
  const explain = (): string => {
    const placement = placePod(state, pod, { profile, draw: 0 });
    assert.ok(!placement.placed);
    return explainRefusal(placement);
  };
  assert.equal(explain(), 'no nodes available to schedule pods');
  for (const name of ['a', 'b']) state.setNode(aNode({ name }));
  state.setNode(aNode({ name: 'c', spec: { unschedulable: true } }));
  assert.equal(explain(), '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.');
});

test('[SCH12] placing pods one after the other never overcommits a node', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 40 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (sizes, draw) => {
        const state = new ClusterState();
        const taken = new Map(['a', 'b', 'c'].map((name) => [name, 0]));
        for (const name of taken.keys()) state.setNode(aNode({ name }));
        for (const [index, size] of sizes.entries()) {
          const pod = aPod({ name: `pod-${index}`, spec: asking(`${size}m`) });
          const placement = placePod(state, pod, { profile, draw });
          if (!placement.placed) {
            assert.ok([...taken.values()].every((cpu) => cpu + size > 4000));
            continue;
          }
          state.setPod({ ...pod, spec: { ...pod.spec, nodeName: placement.node } });
          taken.set(placement.node, (taken.get(placement.node) ?? 0) + size);
        }
        assert.ok([...taken.values()].every((cpu) => cpu <= 4000));
      },
    ),
  );
});

test('[SCH11] the filter that a profile lists first tells why, whatever it looks at', () => {
  const state = new ClusterState();
  for (const name of ['a', 'b']) state.setNode(aNode({ name, labels: { host: name } }));
  state.setPod(aPod({ name: 'there', spec: { nodeName: 'a', ...asking('1') } }));
  const term = { topologyKey: 'host', labelSelector: { matchLabels: { app: 'web' } } };
  const pod = aPod({
    spec: {
      ...asking('8'),
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    },
  });
  const texts = [
    [nodeResourcesFit(), interPodAffinity()],
    [interPodAffinity(), nodeResourcesFit()],
  ].map((filters) => {
    const placement = placePod(state, pod, { profile: { schedulerName: 'own', filters, scores: [] }, draw: 0 });
    return placement.placed ? '' : explainRefusal(placement);
  });
  assert.deepEqual(texts, [
    '0/2 nodes are available: 2 Insufficient cpu.',
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod anti-affinity rules.",
  ]);
});
