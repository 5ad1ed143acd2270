/** Where a pod goes, and what is said when it goes nowhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { defaultProfile as profile } from '../plugins/default-profile.ts';
import { nodeState } from './node-state.ts';
import { explainRefusals, planPlacement } from './plan-placement.ts';

const asking = (cpu: string) => ({ containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu } } }] });

test('[SCH10] the emptiest node that fits is chosen, and the draw decides between equals', () => {
  const busy = nodeState(aNode({ name: 'busy' }), [aPod({ spec: asking('3') })]);
  const nodes = [busy, ...['left', 'right'].map((name) => nodeState(aNode({ name }), []))];
  const chosen = [0, 0.99].map((draw) => planPlacement({ pod: aPod({ spec: asking('1') }), nodes, profile, draw }));
  assert.deepEqual(
    chosen.map((placement) => placement.placed && placement.node),
    ['left', 'right'],
  );
});

test("[SCH11] a pod that fits nowhere gets the reasons counted, in upstream's words", () => {
  const nodes = [
    nodeState(aNode({ name: 'a' }), []),
    nodeState(aNode({ name: 'b' }), []),
    nodeState(aNode({ name: 'c', spec: { unschedulable: true } }), []),
  ];
  const placement = planPlacement({ pod: aPod({ spec: asking('1000') }), nodes, profile, draw: 0 });
  assert.ok(!placement.placed);
  assert.equal(
    explainRefusals(placement),
    '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.',
  );
  assert.equal(explainRefusals({ nodes: 0, refusals: [] }), 'no nodes available to schedule pods');
});

test('[SCH12] placing pods one after the other never overcommits a node', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 40 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (sizes, draw) => {
        const names = ['a', 'b', 'c'];
        const pods = new Map(names.map((name) => [name, [] as ReturnType<typeof aPod>[]]));
        for (const [index, size] of sizes.entries()) {
          const nodes = names.map((name) => nodeState(aNode({ name }), pods.get(name) ?? []));
          const pod = aPod({ name: `pod-${index}`, spec: asking(`${size}m`) });
          const placement = planPlacement({ pod, nodes, profile, draw });
          if (placement.placed) pods.get(placement.node)?.push(pod);
          else assert.ok(nodes.every(({ requested }) => (requested['cpu'] ?? 0) + size > 4000));
        }
        for (const name of names)
          assert.ok((nodeState(aNode({ name }), pods.get(name) ?? []).requested['cpu'] ?? 0) <= 4000);
      },
    ),
  );
});
