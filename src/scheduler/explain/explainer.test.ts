/** Explanations beside a scheduler that goes on working. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/types/core-v1';
import { virtualWorld } from '#base/virtual-world';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { defaultProfile } from '../plugins/default-profile.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { PodExplainer } from './explainer.ts';

const asking = (cpu: string) => ({ containers: [{ name: 'web', image: 'web', resources: { requests: { cpu } } }] });

function explainerOf(pods: readonly Pod[]): { readonly state: ClusterState; readonly explainer: PodExplainer } {
  const state = new ClusterState();
  for (const name of ['node-1', 'node-2', 'node-3']) state.setNode(aNode({ name }));
  const view = { state, schedulerNames: ['default'], profileFor: () => defaultProfile, waiting: () => pods };
  return { state, explainer: new PodExplainer({ view, world: virtualWorld() }) };
}

test('[EXP13] a pod that gets a node while it is being explained keeps it, and so does one that is promised a node', async () => {
  const owned = {
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'web', controller: true }],
  };
  const pods = ['a', 'b', 'c'].map((name) => aPod({ name, spec: asking('6'), meta: owned }));
  const [first, promised, placed] = pods as [Pod, Pod, Pod];
  const { state, explainer } = explainerOf(pods);
  state.setPod({ ...promised, spec: { ...promised.spec, nodeName: 'node-1' } });
  const explaining = explainer.explain(first);
  state.setPod({ ...placed, spec: { ...placed.spec, nodeName: 'node-2' } });
  const { changes } = await explaining;
  assert.notEqual(changes.length, 0);
  assert.deepEqual(
    pods.map(({ metadata }) => state.podOf(metadata.uid)?.spec.nodeName),
    [undefined, 'node-1', 'node-2'],
  );
});

test('[EXP13] others have their turns while a pod is being explained', async () => {
  const pod = aPod({ name: 'a', spec: asking('6') });
  const { explainer } = explainerOf([pod]);
  let turns = 0;
  let isDone = false;
  const others = (async () => {
    for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve));
  })();
  await explainer.explain(pod);
  isDone = true;
  await others;
  assert.ok(turns > 2, `${turns} turns`);
});
