/** Clusters to place pods in, for tests of scheduling. */
import type { Node, Pod, PodSpec } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { placePod } from '#scheduler/framework/place';
import { explainRefusal } from '#scheduler/framework/placement';
import type { Plugin, Profile } from '#scheduler/framework/plugin';
import { ClusterState } from '#scheduler/snapshot/cluster-state';
import type { StorageView } from '#scheduler/snapshot/storage-view';
import { aNode } from './nodes.ts';
import { aPod } from './workloads.ts';

type ClusterParts = {
  readonly nodes?: readonly Node[];
  /** Each with its node. */
  readonly pods?: readonly Pod[];
  readonly storage?: StorageView;
};

export function aClusterState({ nodes = [aNode()], pods = [], storage }: ClusterParts = {}): ClusterState {
  const state = new ClusterState(storage);
  for (const node of nodes) state.setNode(node);
  for (const pod of pods) state.setPod(pod);
  return state;
}

/** In a zone, and with the label that tells its name. */
export const aNodeIn = (zone: string, name: string, parts: Parameters<typeof aNode>[0] = {}): Node =>
  aNode({
    ...parts,
    name,
    labels: { 'topology.kubernetes.io/zone': zone, 'kubernetes.io/hostname': name, ...parts.labels },
  });

/** With a node. */
export const aPodOn = (nodeName: string, name: string, parts: Parameters<typeof aPod>[0] = {}): Pod =>
  aPod({ ...parts, name, spec: { ...parts.spec, nodeName } });

/** The nodes that would do with only these plugins, or why there is none. */
export function nodesFor(state: ClusterState, pod: Pod, plugins: readonly Plugin[]): readonly string[] | string {
  const profile: Profile = { schedulerName: 'test', filters: plugins, scores: [] };
  const found = new Set<string>();
  for (let part = 0; part < 20; part++) {
    const placement = placePod(state, pod, { profile, draw: part / 20 });
    if (!placement.placed) return explainRefusal(placement);
    found.add(placement.node);
  }
  return [...found].toSorted();
}

/** What each node scores with only this plugin, in range. */
export function scoresOf(state: ClusterState, pod: Pod, plugin: Plugin): Readonly<Record<string, number>> {
  const names = Array.from({ length: state.slotsEnd }, (_, slot) => state.nameAt(slot)).filter((name) => name !== '');
  const scores = names.map((name) => {
    // All nodes stay candidates; the one that is looked at is made the only one to choose by far.
    const bonus: Plugin = {
      name: 'Bonus',
      score: () => {
        const score = (slot: number): number => (state.nameAt(slot) === name ? 100 : 0);
        return {
          kind: 'own',
          score,
          addScores: ({ slots, count }, weight, totals) => {
            for (const slot of slots.subarray(0, count)) totals[slot] = (totals[slot] ?? 0) + weight * score(slot);
          },
        };
      },
    };
    const profile: Profile = {
      schedulerName: 'test',
      filters: [],
      scores: [
        { plugin, weight: 1 },
        { plugin: bonus, weight: 1000 },
      ],
    };
    const placement = placePod(state, pod, { profile, draw: 0 });
    return [name, placement.placed ? placement.score - 100_000 : -1] as const;
  });
  return Object.fromEntries(scores);
}

export const waiting = (spec: Partial<PodSpec>, meta: Partial<ObjectMeta> = {}): Pod =>
  aPod({ name: 'waiting', spec, meta, status: { phase: 'Pending' } });
