/** The pods of `test/e2e/unschedulable` on the scheduler's own state: what is said of them, without a cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '#api/types/core-v1';
import { explainWaiting } from '#scheduler/explain/explain-pod';
import { defaultProfile } from '#scheduler/plugins/default-profile';
import { ClusterState } from '#scheduler/snapshot/cluster-state';
import { aNode } from '../builders/nodes.ts';
import { aPod } from '../builders/workloads.ts';
import { type Case, CASES, container, type NodeSetup, type PodSetup } from '../e2e/unschedulable/cases.ts';

const ALLOCATABLE = { cpu: '8', memory: '33452032Ki', pods: '250', 'ephemeral-storage': '193273528320' };

function hollowNode(name: string, { labels = {}, spec = {} }: NodeSetup): Node {
  const all = { 'kubernetes.io/hostname': name, ...labels };
  return aNode({ name, labels: all, spec: { ...spec }, allocatable: ALLOCATABLE });
}

const made = (name: string, { labels = {}, spec }: PodSetup): Pod =>
  aPod({ name, meta: { labels }, spec: { containers: [container()], ...spec }, status: { phase: 'Pending' } });

function stateOf({ nodes = [{}, {}, {}], running = [] }: Case): ClusterState {
  const state = new ClusterState();
  for (const [index, setup] of nodes.entries()) state.setNode(hollowNode(`hollow-${index + 1}`, setup));
  for (const [index, { on, ...setup }] of running.entries()) {
    const pod = made(`running-${index}`, setup);
    state.setPod({ ...pod, spec: { ...pod.spec, nodeName: `hollow-${on}` } });
  }
  return state;
}

for (const each of CASES.filter(({ replicas }) => replicas === undefined)) {
  test(`[EXP11] ${each.name}`, () => {
    const state = stateOf(each);
    const waiting = { state, profile: defaultProfile, pod: made('waiting', each.pod), alike: [] };
    const { message, changes } = explainWaiting(waiting);
    const texts = changes.map(({ text }) => text);
    assert.ok(message.includes(each.reason), `${message}\ndoes not say\n${each.reason}`);
    assert.equal(texts[0], each.change, texts.join('\n'));
    const other = each.made ?? each.change;
    assert.ok(
      texts.some((text) => text.startsWith(other)),
      `${other}\nis not among\n${texts.join('\n')}`,
    );
  });
}
