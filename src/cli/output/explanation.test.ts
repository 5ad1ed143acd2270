/** Explanations as people read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodExplanation } from '#api/explain/pod-explanation';
import { aMeta } from '#test/builders/workloads';
import { explanationText } from './explanation.ts';

const explanation = (rest: Partial<PodExplanation>): PodExplanation => ({
  apiVersion: PodExplanation.apiVersion,
  kind: PodExplanation.kind,
  metadata: aMeta('web-1'),
  why: '',
  phase: 'Pending',
  nodes: 3,
  refusals: [],
  changes: [],
  scores: [],
  ...rest,
});

test('[EXP8] a pod that waits: the message, what each plugin says, and the smallest change first', () => {
  const text = explanationText(
    explanation({
      message: '0/3 nodes are available: 3 Insufficient cpu.',
      waiting: 4,
      refusals: [
        { plugin: 'NodeResourcesFit', reason: 'Insufficient cpu', nodes: 3, examples: ['a', 'b'] },
        { plugin: 'NodeUnschedulable', reason: 'node(s) were unschedulable', nodes: 1, examples: ['a'] },
      ],
      changes: [
        { summary: 'add 2 nodes like a (8 cpu, 31Gi memory)', places: 4, edits: [] },
        { summary: 'uncordon node a', places: 1, edits: [] },
      ],
    }),
  );
  assert.equal(
    text,
    `Pod default/web-1 has no node (4 pods like it wait)
  0/3 nodes are available: 3 Insufficient cpu.

What the scheduler has against the nodes:
  3 of 3  NodeResourcesFit   Insufficient cpu            a, b, ...
  1 of 3  NodeUnschedulable  node(s) were unschedulable  a

The smallest change that would place it, tried out:
  add 2 nodes like a (8 cpu, 31Gi memory) (places 4 of 4)
Other changes that would:
  uncordon node a (places 1 of 4)`,
  );
});

test('[EXP8] a pod that has a node: how it and the others are scored', () => {
  const score = (plugin: string, normalized: number) => ({ plugin, weight: 2, raw: 1, normalized });
  const text = explanationText(
    explanation({
      phase: 'Running',
      nodeName: 'a',
      why: 'web is not ready (readiness probe)',
      scores: [
        { node: 'a', total: 200, plugins: [score('NodeAffinity', 100)] },
        { node: 'b', total: 0, plugins: [score('NodeAffinity', 0)] },
      ],
    }),
  );
  assert.equal(
    text,
    `Pod default/web-1 is on node a, but is not fine: web is not ready (readiness probe)

How nodes would be scored for it now, 2 of 3:
  NODE  TOTAL  NodeAffinity
  a     200    100 x 2
  b     0      0 x 2`,
  );
});
