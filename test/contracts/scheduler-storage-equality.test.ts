/** The scheduler finds volumes, and says why not, as the reference scheduler does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '#api/object';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '#api/types/core-v1';
import type { CSIDriver, CSINode, CSIStorageCapacity } from '#api/types/storage-v1';
import { verdictsOn } from '#scheduler/explain/verdicts';
import { inTheirPlaces } from '#scheduler/framework/in-their-places';
import { placePod } from '#scheduler/framework/place';
import type { Refused } from '#scheduler/framework/placement';
import type { Plugin, Profile } from '#scheduler/framework/plugin';
import { defaultProfile } from '#scheduler/plugins/default-profile';
import { ClusterState } from '#scheduler/snapshot/cluster-state';
import { VolumeBinder, type VolumeBinderOptions } from '#scheduler/volumes/volume-binder';
import {
  capacity,
  claim,
  CLASSES,
  csiNode,
  driver,
  node as arbitraryNode,
  NODES,
  podWithVolumes,
  volume,
} from '../reference-scheduler/arbitrary-storage.ts';
import type { ReferenceCluster } from '../reference-scheduler/cluster.ts';
import { nodeResourcesFit } from '../reference-scheduler/node-filters.ts';
import type { ReferenceStorage } from '../reference-scheduler/storage.ts';
import { whyNoNode } from '../reference-scheduler/volume-binding.ts';
import { VOLUME_FILTERS } from '../reference-scheduler/volume-filters.ts';

type Stored = PersistentVolume | PersistentVolumeClaim | CSINode | CSIDriver | CSIStorageCapacity;

type Edit =
  | { readonly type: 'node'; readonly node: Node }
  | { readonly type: 'pod'; readonly pod: Pod; readonly node: string }
  | { readonly type: 'pod removed'; readonly which: number }
  | { readonly type: 'stored'; readonly object: Stored };

/** Both schedulers' view of one cluster and its storage. */
class Both {
  readonly state: ClusterState;
  readonly binder: VolumeBinder;
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  readonly #stored = new Map<string, ApiObject>(CLASSES.map((each) => [keyOf('StorageClass', each.metadata), each]));
  #created = 0;

  /** `unseen`: a kind that the engine's binder is not told of. */
  constructor(unseen?: string) {
    this.state = new ClusterState({
      claim: (namespace, name) => this.#get('PersistentVolumeClaim', { namespace, name }),
      volume: (name) => this.#get('PersistentVolume', { name }),
      storageClass: (name) => this.#get('StorageClass', { name }),
      csiNode: (name) => this.#get('CSINode', { name }),
    });
    const informers = {
      for: ({ kind }: { readonly kind: string }) => ({
        get: (ref: Ref) => (kind === unseen ? undefined : this.#get(kind, ref)),
        list: () => (kind === unseen ? [] : this.#list(kind)),
      }),
    };
    this.binder = new VolumeBinder({ informers } as unknown as VolumeBinderOptions);
  }

  apply(edit: Edit): void {
    if (edit.type === 'node') {
      this.#nodes.set(edit.node.metadata.name, edit.node);
      this.state.setNode(edit.node);
    } else if (edit.type === 'stored') this.#stored.set(keyOf(edit.object.kind, edit.object.metadata), edit.object);
    else if (edit.type === 'pod') this.#bind(edit.pod, edit.node);
    else this.#remove([...this.#pods.keys()][edit.which % this.#pods.size]);
  }

  get cluster(): ReferenceCluster {
    return { nodes: [...this.#nodes.values()], pods: [...this.#pods.values()], namespaces: {}, sources: [] };
  }

  get storage(): ReferenceStorage {
    return {
      classes: CLASSES,
      volumes: this.#list('PersistentVolume') as PersistentVolume[],
      claims: this.#list('PersistentVolumeClaim') as PersistentVolumeClaim[],
      csiNodes: this.#list('CSINode') as CSINode[],
      drivers: this.#list('CSIDriver') as CSIDriver[],
      capacities: this.#list('CSIStorageCapacity') as CSIStorageCapacity[],
    };
  }

  #get<T>(kind: string, ref: Ref): T | undefined {
    return this.#stored.get(keyOf(kind, ref)) as T | undefined;
  }

  #list(kind: string): readonly ApiObject[] {
    return [...this.#stored.values()].filter((each) => each.kind === kind);
  }

  #bind(pod: Pod, nodeName: string): void {
    const name = `pod-${this.#created++}`;
    const uid = `uid-of-${name}`;
    const bound = { ...pod, metadata: { ...pod.metadata, name, uid }, spec: { ...pod.spec, nodeName } };
    this.#pods.set(uid, bound);
    this.state.setPod(bound);
  }

  #remove(uid: string | undefined): void {
    if (uid === undefined) return;
    this.#pods.delete(uid);
    this.state.removePod(uid);
  }
}

type Ref = { readonly namespace?: string; readonly name: string };

const keyOf = (kind: string, { namespace = '', name }: Ref): string => `${kind}/${namespace}/${name}`;

type Said = { readonly refused: string } | Readonly<Record<string, unknown>>;

function referenceSays({ cluster, storage }: Both, pod: Pod): Said {
  const refused = whyNoNode(storage, pod);
  if (refused !== undefined) return { refused };
  const verdicts = cluster.nodes.map((node) => {
    const fit = nodeResourcesFit(cluster, pod, node);
    const refusals = VOLUME_FILTERS.flatMap(([plugin, filter]) => {
      const refusal = filter({ cluster, storage }, pod, node);
      return refusal === undefined ? [] : [{ plugin, ...refusal }];
    });
    return [node.metadata.name, fit === undefined ? refusals : [{ plugin: 'NodeResourcesFit', ...fit }, ...refusals]];
  });
  return withFirsts(Object.fromEntries(verdicts) as Verdicts);
}

type Verdicts = Readonly<Record<string, readonly { readonly plugin: string; readonly reasons: readonly string[] }[]>>;

/** The first that refuses counts, unless there is a node that nobody refuses. */
function withFirsts(all: Verdicts): Said {
  if (Object.values(all).some((refusals) => refusals.length === 0)) return { all, firsts: {} };
  const firsts = Object.entries(all).map(([name, [first]]) => [name, `${first?.plugin}: ${first?.reasons.join()}`]);
  return { all, firsts: Object.fromEntries(firsts) };
}

function engineSays({ state, binder }: Both, pod: Pod, profile: Profile): Said {
  const plan = binder.plan(pod);
  if (plan?.refused !== undefined) return { refused: plan.refused };
  const also: readonly Plugin[] = plan === undefined ? [] : [binder.filter(plan)];
  const whole = { ...profile, filters: inTheirPlaces(profile.filters, also) };
  const all = verdictsOn(state, whole, pod).map(({ slot, refusals }) => [
    state.nameAt(slot),
    refusals.map(({ plugin, refusal: { reasons, resolvable } }) => ({ plugin, reasons, helpless: !resolvable })),
  ]);
  const placement = placePod(state, pod, { profile, also, draw: 0 });
  return { all: Object.fromEntries(all), firsts: placement.placed ? {} : firstsOf(placement) };
}

function firstsOf({ groups }: Refused): Said {
  return Object.fromEntries(
    groups.flatMap(({ plugin, refusal, nodes }) =>
      nodes().map((name) => [name, `${plugin}: ${refusal.reasons.join()}`] as const),
    ),
  );
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: arbitraryNode.map((node) => ({ type: 'node' as const, node })) },
  {
    weight: 8,
    arbitrary: fc
      .oneof(claim, volume, csiNode, driver, capacity)
      .map((object) => ({ type: 'stored' as const, object })),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('pod' as const), pod: podWithVolumes, node: fc.constantFrom(...NODES) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pod removed' as const), which: fc.nat({ max: 99 }) }) },
);

type Course = {
  readonly nodes: readonly Node[];
  readonly stored: readonly Stored[];
  readonly pods: readonly Pod[];
  readonly rounds: readonly (readonly Edit[])[];
};

const course: fc.Arbitrary<Course> = fc.record({
  nodes: fc.array(arbitraryNode, { minLength: 1, maxLength: 4 }),
  stored: fc.array(fc.oneof(claim, volume, claim, volume, driver, capacity), { minLength: 4, maxLength: 12 }),
  pods: fc.array(podWithVolumes, { minLength: 1, maxLength: 3 }),
  rounds: fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
});

/** Storage that is changed step by step, with pods that are tried after every step. */
function agreement(profile: Profile, unseen?: string): fc.IProperty<[Course]> {
  return fc.property(course, ({ nodes, stored, pods, rounds }) => {
    const both = new Both(unseen);
    for (const node of nodes) both.apply({ type: 'node', node });
    for (const object of stored) both.apply({ type: 'stored', object });
    for (const round of [[], ...rounds]) {
      for (const change of round) both.apply(change);
      for (const pod of pods) assert.deepEqual(engineSays(both, pod, profile), referenceSays(both, pod));
    }
  });
}

// More of them, now and then: EQUALITY_RUNS=20000.
const RUNS = Number(process.env['EQUALITY_RUNS'] ?? 400);

test('[EQU4] volumes are found and refused as the reference does, whatever happened before', () => {
  fc.assert(agreement(defaultProfile), { numRuns: RUNS });
});

test('[EQU3] a filter of volumes that the scheduler forgets is missed, and a count of storage that it does not look at', () => {
  for (const name of ['VolumeRestrictions', 'NodeVolumeLimits', 'VolumeZone']) {
    const filters = defaultProfile.filters.filter((plugin) => plugin.name !== name);
    assert.ok(fc.check(agreement({ ...defaultProfile, filters }), { numRuns: 2000 }).failed, name);
  }
  for (const unseen of ['CSIDriver', 'CSIStorageCapacity'])
    assert.ok(fc.check(agreement(defaultProfile, unseen), { numRuns: 2000 }).failed, unseen);
});
