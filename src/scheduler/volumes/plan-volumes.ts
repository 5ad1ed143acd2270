/** Decides what the claims of a pod ask of a node: where their volumes are, and whether those that wait for a node find one there. */
import type { PersistentVolume } from '#api/core/persistent-volume';
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import type { Pod } from '#api/core/pod';
import { BIND_COMPLETED, SELECTED_NODE } from '#api/core/volume/annotations';
import { LOCAL_PROVISIONER, VOLUMES_DIRECTORY } from '#api/core/volume/local-volumes';
import { findVolume, fits, isKeptFor, isUsableOn } from '#api/core/volume/matching';
import { claimNameOf } from '#api/core/volume/pod-claims';
import { NO_PROVISIONER, storageClassOf } from '#api/core/volume/storage-class';
import { controllerOf } from '#api/meta/owner-reference';
import { compareQuantityTexts } from '#api/meta/quantity-arithmetic';
import type { StorageClass } from '#api/storage/storage-class';
import type { Node, Volume } from '#api/types/core-v1';
import type { CapacityView, FreeStorage } from './free-storage.ts';

/** What is known of storage. */
export type StorageView = CapacityView & {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volumes(): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
};

export type PodVolumes = {
  /** A reason why no node will do. */
  readonly refused?: string;
  /** Volumes that its claims have; undefined for one that is gone. */
  readonly bound: readonly (PersistentVolume | undefined)[];
  /** The claims that have them. */
  readonly settled: readonly PersistentVolumeClaim[];
  /** Claims that get a volume where the pod goes. */
  readonly open: readonly PersistentVolumeClaim[];
};

const NO_VOLUMES: PodVolumes = { bound: [], settled: [], open: [] };
const UNBOUND = 'pod has unbound immediate PersistentVolumeClaims';
const GONE = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
const ELSEWHERE = "node(s) didn't match PersistentVolume's node affinity";
const NOTHING_FREE = "node(s) didn't find available persistent volumes to bind";
export const NOT_ENOUGH = 'node(s) did not have enough free storage';

/** Independent of nodes: asked once for a pod. Claims that cannot be used at all are told of first. */
export function planPodVolumes(pod: Pod, view: StorageView): PodVolumes {
  const found = (pod.spec.volumes ?? []).flatMap((volume) => findClaim(pod, volume, view) ?? []);
  const refused = found.find((each) => typeof each === 'string');
  if (refused !== undefined) return { ...NO_VOLUMES, refused };
  let plan = NO_VOLUMES;
  for (const claim of found as readonly PersistentVolumeClaim[]) {
    plan = joined(plan, planClaim(claim, view));
    if (plan.refused !== undefined) break;
  }
  return plan;
}

/** A text says why it cannot be used. Undefined for volumes of other kinds. */
function findClaim(pod: Pod, volume: Volume, view: StorageView): PersistentVolumeClaim | string | undefined {
  const name = claimNameOf(volume, pod);
  if (name === undefined) return undefined;
  const claim = view.claim(pod.metadata.namespace ?? '', name);
  const isOwn = volume.ephemeral !== undefined;
  if (claim === undefined) return missing(name, isOwn);
  return unusable(claim) ?? (isOwn ? foreign(claim, pod) : undefined) ?? claim;
}

const missing = (name: string, isOwn: boolean): string =>
  isOwn
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : `persistentvolumeclaim "${name}" not found`;

/** A claim that somebody else made under the name of the pod's own. */
function foreign(claim: PersistentVolumeClaim, pod: Pod): string | undefined {
  if (controllerOf(claim)?.uid === pod.metadata.uid) return undefined;
  const [ofClaim, ofPod] = [claim, pod].map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
  return `PVC ${ofClaim} was not created for pod ${ofPod} (pod is not owner)`;
}

function unusable({ metadata: { name, deletionTimestamp }, spec, status }: PersistentVolumeClaim): string | undefined {
  const { volumeName = '' } = spec;
  if (status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volumeName}"`;
  return deletionTimestamp === undefined ? undefined : `persistentvolumeclaim "${name}" is being deleted`;
}

function planClaim(claim: PersistentVolumeClaim, view: StorageView): Partial<PodVolumes> {
  const { volumeName = '' } = claim.spec;
  return volumeName === '' ? planUnbound(claim, view) : planBound(claim, volumeName, view);
}

function planBound(claim: PersistentVolumeClaim, volumeName: string, view: StorageView): Partial<PodVolumes> {
  if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined) return { refused: UNBOUND };
  return { bound: [view.volumes().find(({ metadata }) => metadata.name === volumeName)], settled: [claim] };
}

function planUnbound(claim: PersistentVolumeClaim, view: StorageView): Partial<PodVolumes> {
  const mode = view.storageClass(storageClassOf(claim))?.volumeBindingMode;
  return mode === 'WaitForFirstConsumer' ? { open: [claim] } : { refused: UNBOUND };
}

function joined(plan: PodVolumes, { refused, bound = [], settled = [], open = [] }: Partial<PodVolumes>): PodVolumes {
  return {
    ...(refused === undefined ? {} : { refused }),
    bound: [...plan.bound, ...bound],
    settled: [...plan.settled, ...settled],
    open: [...plan.open, ...open],
  };
}

/** What is to be done for a pod's claims when it goes to a node. */
export type NodeVolumes = {
  readonly bind: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provision: readonly PersistentVolumeClaim[];
};

/** `free`: all volumes; those that are kept for a claim are free for that one only. */
export type OnNode = {
  readonly node: Node;
  readonly free: readonly PersistentVolume[];
  readonly view: StorageView;
  readonly hasRoom: FreeStorage;
};

/** The reasons, where the pod's claims have no volumes and find none. */
export function planNodeVolumes(volumes: PodVolumes, place: OnNode): NodeVolumes | readonly string[] {
  const found = findVolumes(volumes.open, place);
  const reasons = [whyNotBound(volumes, place), typeof found === 'string' ? found : undefined].filter(
    (reason) => reason !== undefined,
  );
  return typeof found === 'string' || reasons.length > 0 ? reasons : found;
}

/** The first claim that is in the way tells. */
function whyNotBound({ bound }: PodVolumes, { node }: OnNode): string | undefined {
  for (const volume of bound) {
    if (volume === undefined) return GONE;
    if (!isUsableOn(volume, node)) return ELSEWHERE;
  }
  return undefined;
}

/** Why there are none, or all. Those that are told a node already get a volume there or nowhere. */
function findVolumes(open: readonly PersistentVolumeClaim[], place: OnNode): NodeVolumes | string {
  const placed = open.filter((claim) => selectedNode(claim) !== undefined);
  if (placed.some((claim) => selectedNode(claim) !== place.node.metadata.name)) return NOTHING_FREE;
  const { bind, left } = findFree(
    open.filter((claim) => selectedNode(claim) === undefined),
    place,
  );
  const provision = [...placed, ...left];
  for (const claim of provision) {
    const why = whyNotMade(claim, place);
    if (why !== undefined) return why;
  }
  return { bind, provision };
}

/** The smallest claims choose first. */
function findFree(
  claims: readonly PersistentVolumeClaim[],
  { free, node }: OnNode,
): Pick<NodeVolumes, 'bind'> & { readonly left: readonly PersistentVolumeClaim[] } {
  const bind: { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[] = [];
  const left: PersistentVolumeClaim[] = [];
  for (const claim of claims.toSorted((one, other) => compareQuantityTexts(sizeOf(one), sizeOf(other)))) {
    const untaken = free.filter((volume) => !bind.some((taken) => taken.volume === volume));
    const volume = findOnNode(claim, untaken, node);
    if (volume === undefined) left.push(claim);
    else bind.push({ claim, volume });
  }
  return { bind, left };
}

const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0';

/** One that is kept for the claim elsewhere is the one that it gets. */
function findOnNode(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
): PersistentVolume | undefined {
  const isKeptElsewhere = volumes.some(
    (volume) => isKeptFor(volume, claim) && fits(volume, claim) && !isUsableOn(volume, node),
  );
  return isKeptElsewhere ? undefined : findVolume(claim, volumes, node);
}

const selectedNode = ({ metadata }: PersistentVolumeClaim): string | undefined => metadata.annotations?.[SELECTED_NODE];

/** Why nobody makes a volume for the claim on the node. */
function whyNotMade(claim: PersistentVolumeClaim, { node, view, hasRoom }: OnNode): string | undefined {
  const storageClass = view.storageClass(storageClassOf(claim));
  if (storageClass === undefined || storageClass.provisioner === NO_PROVISIONER) return NOTHING_FREE;
  const isLocal = storageClass.provisioner === LOCAL_PROVISIONER;
  if (isLocal && node.metadata.annotations?.[VOLUMES_DIRECTORY] === undefined) return NOTHING_FREE;
  if (!isAllowed(storageClass, node)) return NOTHING_FREE;
  return hasRoom(claim, storageClass, node) ? undefined : NOT_ENOUGH;
}

function isAllowed({ allowedTopologies = [] }: StorageClass, { metadata: { labels = {} } }: Node): boolean {
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some(
      ({ matchLabelExpressions = [] }) =>
        matchLabelExpressions.length > 0 &&
        matchLabelExpressions.every(
          ({ key, values }) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? ''),
        ),
    )
  );
}
