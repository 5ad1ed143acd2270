/** Changes that are shown do help, whatever the cluster: the reference scheduler is asked, not the one that found them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node, PersistentVolumeClaim, Pod } from '#api/types/core-v1';
import type { Change } from '#scheduler/explain/change';
import { explainWaiting } from '#scheduler/explain/explain-pod';
import { placePod } from '#scheduler/framework/place';
import { defaultProfile as profile } from '#scheduler/plugins/default-profile';
import { ClusterState } from '#scheduler/snapshot/cluster-state';
import { NO_STORAGE } from '#scheduler/snapshot/storage-view';
import { node as arbitraryNode } from '../reference-scheduler/arbitrary-edits.ts';
import { NODE_NAMES, podOfWorkload } from '../reference-scheduler/arbitrary-pods.ts';
import * as storage from '../reference-scheduler/arbitrary-storage.ts';
import type { ReferenceCluster } from '../reference-scheduler/cluster.ts';
import { judge } from '../reference-scheduler/judge.ts';
import { claimNamed } from '../reference-scheduler/storage.ts';
import { VOLUME_FILTERS } from '../reference-scheduler/volume-filters.ts';

const running = fc
  .tuple(podOfWorkload, fc.constantFrom(...NODE_NAMES))
  .map(([{ pod }, nodeName]): Pod => ({ ...pod, spec: { ...pod.spec, nodeName } }));

type Situation = { readonly nodes: readonly Node[]; readonly pods: readonly Pod[]; readonly pod: Pod };

const situation: fc.Arbitrary<Situation> = fc
  .tuple(
    fc.uniqueArray(arbitraryNode, { maxLength: 6, selector: ({ metadata }) => metadata.name }),
    fc.array(running, { maxLength: 12 }),
    podOfWorkload,
  )
  .map(([nodes, pods, { pod }]) => ({ nodes, pods: pods.map(named), pod }));

const named = (pod: Pod, index: number): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, name: `running-${index}`, uid: `uid-of-running-${index}` },
});

function stateOf({ nodes, pods }: Situation, claims: readonly PersistentVolumeClaim[] = []): ClusterState {
  const claim = (namespace: string, name: string) => claimNamed({ claims }, namespace, name);
  const state = new ClusterState({ ...NO_STORAGE, claim });
  for (const node of nodes) state.setNode(node);
  for (const pod of pods) state.setPod(pod);
  return state;
}

/** The cluster and the pod with the change made. */
function after({ nodes, pods, pod }: Situation, change: Change): readonly [ReferenceCluster, Pod] {
  const changed = new Map(change.nodes.map(({ after: node }) => [node.metadata.name, node]));
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const added = [...changed.values()].filter(({ metadata }) => !names.has(metadata.name));
  const all = [...nodes.map((node) => changed.get(node.metadata.name) ?? node), ...added];
  const ended = new Set(change.ends?.map(({ metadata }) => metadata.uid));
  const left = pods.filter(({ metadata }) => !ended.has(metadata.uid));
  return [{ nodes: all, pods: left, namespaces: {}, sources: [] }, change.pod ?? pod];
}

test('[EXP12] with a change that is shown made, the reference scheduler finds a node, too', () => {
  let changes = 0;
  const refused = { pods: 0, unhelped: 0 };
  fc.assert(
    fc.property(situation, (found) => {
      const state = stateOf(found);
      if (placePod(state, found.pod, { profile, draw: 0 }).placed) return;
      const explanation = explainWaiting({ state, profile, pod: found.pod, alike: [] });
      refused.pods++;
      if (explanation.changes.length === 0) refused.unhelped++;
      for (const change of explanation.changes) {
        const [cluster, pod] = after(found, change);
        assert.ok(
          judge(cluster, pod).some(({ total }) => total !== undefined),
          change.text,
        );
        changes++;
      }
    }),
    { numRuns: 300, seed: 1 },
  );
  // Few pods are beyond help, those that ask for what no change of one thing gives: about one in fifteen.
  // The clusters are the same every time, so that chance has no part in it.
  assert.ok(changes > 100 && refused.unhelped * 10 < refused.pods, JSON.stringify({ ...refused, changes }));
});

const inUse: fc.Arbitrary<Situation & { readonly claims: readonly PersistentVolumeClaim[] }> = fc.record({
  nodes: fc.uniqueArray(storage.node, { minLength: 1, maxLength: 3, selector: ({ metadata }) => metadata.name }),
  pods: fc
    .array(fc.tuple(storage.podWithVolumes, fc.constantFrom(...storage.NODES)), { maxLength: 8 })
    .map((all) => all.map(([pod, nodeName], index) => named({ ...pod, spec: { ...pod.spec, nodeName } }, index))),
  pod: storage.podWithVolumes,
  claims: fc.array(storage.claim, { maxLength: 6 }),
});

test('[EXP12] with the users of a disk or a claim gone that were to end, the reference lets the pod have it, too', () => {
  let ended = 0;
  const restricting = VOLUME_FILTERS.filter(([name]) => name === 'VolumeRestrictions');
  fc.assert(
    fc.property(inUse, ({ claims, ...found }) => {
      const state = stateOf(found, claims);
      const { changes } = explainWaiting({ state, profile, pod: found.pod, alike: [] });
      for (const change of changes) {
        const [cluster, pod] = after(found, change);
        const world = {
          cluster,
          storage: { classes: [], volumes: [], claims, csiNodes: [], drivers: [], capacities: [] },
        };
        const isFree = (node: Node): boolean => restricting.every(([, filter]) => !filter(world, pod, node));
        const open = new Set(judge(cluster, pod).flatMap(({ node, total }) => (total === undefined ? [] : [node])));
        assert.ok(
          cluster.nodes.some((node) => open.has(node.metadata.name) && isFree(node)),
          change.text,
        );
        if (change.ends !== undefined) ended++;
      }
    }),
    { numRuns: 500, seed: 1 },
  );
  assert.ok(ended > 30, String(ended));
});
