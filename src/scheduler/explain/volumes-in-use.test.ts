/** What would help pods whose disks and claims others use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import type { PersistentVolumeClaim, Volume } from '#api/types/core-v1';
import { virtualWorld } from '#base/virtual-world';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';

import { defaultProfile } from '../plugins/default-profile.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { NO_STORAGE } from '../snapshot/storage-view.ts';
import { PodExplainer } from './explainer.ts';
import type { Change } from './change.ts';
import { explainWaiting } from './explain-pod.ts';

const EXCLUSIVE = {
  metadata: { name: 'data', namespace: 'default' },
  spec: { accessModes: ['ReadWriteOncePod'] },
} as unknown as PersistentVolumeClaim;

/** By the name of the claim: only `data` is there. */
function stateWith(nodes: readonly Node[], pods: readonly Pod[]): ClusterState {
  const state = new ClusterState({
    ...NO_STORAGE,
    claim: (_namespace, name) => (name === 'data' ? EXCLUSIVE : undefined),
  });
  for (const node of nodes) state.setNode(node);
  for (const pod of pods) state.setPod(pod);
  return state;
}

const using = (
  name: string,
  volumes: readonly Omit<Volume, 'name'>[],
  rest: { on?: string; namespace?: string } = {},
): Pod =>
  aPod({
    name,
    spec: {
      volumes: volumes.map((each, index): Volume => ({ name: `volume-${index}`, ...each })),
      ...(rest.on === undefined ? {} : { nodeName: rest.on }),
    },
    ...(rest.namespace === undefined ? {} : { meta: { namespace: rest.namespace } }),
  });

const DATA = { persistentVolumeClaim: { claimName: 'data' } };
const disk = (pdName: string, readOnly = false) => ({ gcePersistentDisk: { pdName, readOnly } });

function changesFor(pod: Pod, nodes: readonly Node[], pods: readonly Pod[]): readonly Change[] {
  return explainWaiting({ state: stateWith(nodes, pods), profile: defaultProfile, pod, alike: [] }).changes;
}

const textsOf = (changes: readonly Change[]): readonly string[] => changes.map(({ text }) => text);

test('[EXP15] a claim that only one pod may use: to end the one that does, wherever it runs', () => {
  const nodes = [aNode({ name: 'n1' }), aNode({ name: 'n2' })];
  const first = using('first', [DATA], { on: 'n2' });
  const changes = changesFor(using('web', [DATA]), nodes, [first, using('other', [], { on: 'n1' })]);
  assert.deepEqual(textsOf(changes), ['end pod first, for the claim data, which only one pod may use']);
  assert.deepEqual(changes[0]?.ends, [first]);
});

test('[EXP15] a disk that is in use: only to read it where the others do, else to end them, or another node', () => {
  const node = [aNode({ name: 'n1' })];
  const readers = ['a', 'b'].map((name) => using(name, [disk('d', true)], { on: 'n1' }));
  const addition = 'add 1 node like n1 (4 cpu, 8Gi memory)';
  assert.deepEqual(textsOf(changesFor(using('web', [disk('d')]), node, readers)), [
    'only read the disk in the pod (readOnly), as those who use it do',
    addition,
    'end pods a, b, for the disk on node n1',
  ]);
  const writer = using('writer', [disk('d')], { on: 'n1' });
  const ended = ['end pod writer, for the disk on node n1', addition];
  assert.deepEqual(textsOf(changesFor(using('web', [disk('d')]), node, [writer])).toSorted(), ended.toSorted());
});

test('[EXP15] pods of other namespaces are not told to end', () => {
  const writer = using('writer', [disk('d')], { on: 'n1', namespace: 'others' });
  const changes = changesFor(using('web', [disk('d')]), [aNode({ name: 'n1' })], [writer]);
  assert.deepEqual(textsOf(changes), ['add 1 node like n1 (4 cpu, 8Gi memory)']);
});

test('[EXP15] a pod that is to end is named among the edits', async () => {
  const state = stateWith([aNode({ name: 'n1' })], [using('first', [DATA], { on: 'n1' })]);
  const view = { state, schedulerNames: [], profileFor: () => defaultProfile, waiting: () => [] };
  const { changes } = await new PodExplainer({ view, world: virtualWorld() }).explain(using('web', [DATA]));
  assert.deepEqual(changes[0]?.edits, [{ kind: 'Pod', namespace: 'default', name: 'first', remove: true }]);
});
