import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Report, reportText } from './report.ts';

test('[SIM27] pods that wait for the same reason are told as one and a number, and spans as people write them', () => {
  const share = { requested: 0, allocatable: 0, percent: 0 };
  const utilisation = { nodes: 1, readyNodes: 1, cpuMilliCores: share, memoryBytes: share, pods: share };
  const pending = (name: string, pendingSeconds: number, why: string) => ({
    pod: `shop/${name}`,
    workload: 'Deployment shop/web',
    pendingSeconds,
    why,
  });
  const report: Report = {
    scenario: 'test',
    seed: 1,
    simulatedSeconds: 3_900,
    actions: [],
    pending: { most: 4, atEnd: [pending('a', 60, 'x'), pending('b', 3_600, 'x'), pending('c', 59.6, 'y')] },
    workloads: [],
    budgets: [],
    moves: 1,
    utilisation: { before: utilisation, after: utilisation },
  };
  const lines = reportText(report).split('\n');
  assert.equal(lines[0], 'Scenario test, seed 1: 1h5m simulated');
  assert.ok(lines.includes('Workloads disturbed: 0 of 0, 1 move'));
  const at = lines.indexOf('Pods pending at the end: 3 (4 at most)');
  assert.deepEqual(lines.slice(at + 1, at + 3), [
    '  shop/b and 1 other of Deployment shop/web  for 1h  x',
    '  shop/c                                     for 1m  y',
  ]);
});
