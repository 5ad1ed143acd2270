/** Whether the claims of a pod have volumes that a node can use, or would find some there. */
import { matchesNodeSelector } from '#api/core/node-selection';
import { matchesLabels, selectorFrom } from '#api/meta/label-selector';
import { unitValue } from '#api/meta/quantity-arithmetic';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '#api/types/core-v1';
import type { StorageClass } from '#api/types/storage-v1';
import { claimNamed, claimVolumes, claimsOfPod, named, type ReferenceStorage } from './storage.ts';

/** Why no node is asked. */
export function whyNoNode(storage: ReferenceStorage, pod: Pod): string | undefined {
  for (const { name, isOwn } of claimVolumes(pod)) {
    const claim = claimNamed(storage, pod.metadata.namespace, name);
    if (claim === undefined && isOwn)
      return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
    if (claim === undefined) return `persistentvolumeclaim "${name}" not found`;
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
    const { namespace, name: podName, uid } = pod.metadata;
    const isOwned = claim.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid);
    if (isOwn && isOwned !== true)
      return `PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`;
  }
  const isStuck = claimsOfPod(storage, pod).some((claim) => !isBound(claim) && !waitsForPod(storage, claim));
  return isStuck ? 'pod has unbound immediate PersistentVolumeClaims' : undefined;
}

/** Why not this node: empty when it will do. */
export function whyNotNode(storage: ReferenceStorage, pod: Pod, node: Node): readonly string[] {
  const claims = claimsOfPod(storage, pod);
  const bound = whyNotBound(storage, claims.filter(isBound), node);
  const open = claims.filter((claim) => !isBound(claim));
  return [...bound, ...(open.some((claim) => isToldOther(claim, node)) ? [NONE] : whyNotFound(storage, open, node))];
}

const NONE = "node(s) didn't find available persistent volumes to bind";

const isBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  !!spec.volumeName && metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;

function waitsForPod(storage: ReferenceStorage, claim: PersistentVolumeClaim): boolean {
  return !claim.spec.volumeName && classOf(storage, claim)?.volumeBindingMode === 'WaitForFirstConsumer';
}

const classOf = (storage: ReferenceStorage, { spec }: PersistentVolumeClaim): StorageClass | undefined =>
  named(storage.classes, spec.storageClassName);

function whyNotBound({ volumes }: ReferenceStorage, claims: readonly PersistentVolumeClaim[], node: Node) {
  for (const { spec } of claims) {
    const volume = named(volumes, spec.volumeName);
    if (volume === undefined) return ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'];
    if (!isWithinReach(volume, node)) return ["node(s) didn't match PersistentVolume's node affinity"];
  }
  return [];
}

function isWithinReach({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

const selectedNode = ({ metadata }: PersistentVolumeClaim): string | undefined =>
  metadata.annotations?.['volume.kubernetes.io/selected-node'];

function isToldOther(claim: PersistentVolumeClaim, node: Node): boolean {
  const selected = selectedNode(claim);
  return selected !== undefined && selected !== node.metadata.name;
}

function whyNotFound(storage: ReferenceStorage, claims: readonly PersistentVolumeClaim[], node: Node): string[] {
  const taken = new Set<PersistentVolume>();
  const toMake = claims.filter((claim) => selectedNode(claim) !== undefined);
  const toFind = claims.filter((claim) => selectedNode(claim) === undefined);
  for (const claim of toFind.sort((left, right) => bytes(asked(left)) - bytes(asked(right)))) {
    const volume = findOne(storage, { claim, taken, node });
    if (volume === undefined) toMake.push(claim);
    else taken.add(volume);
  }
  for (const claim of toMake) {
    if (!canBeMade(storage, claim, node)) return [NONE];
    if (!isRoomFor(storage, claim, node)) return ['node(s) did not have enough free storage'];
  }
  return [];
}

const bytes = (quantity: string | undefined): number => unitValue(quantity ?? '0');
const asked = ({ spec }: PersistentVolumeClaim): string | undefined => spec.resources?.requests?.['storage'];

type Wish = {
  readonly claim: PersistentVolumeClaim;
  readonly taken: ReadonlySet<PersistentVolume>;
  readonly node: Node;
};

function findOne({ volumes }: ReferenceStorage, { claim, taken, node }: Wish): PersistentVolume | undefined {
  const large = volumes.filter((volume) => !taken.has(volume) && isLargeEnough(volume, claim));
  const own = large.find((volume) => isFor(volume, claim));
  if (own !== undefined) return isWithinReach(own, node) ? own : undefined;
  const free = large.filter(
    (volume) => volume.spec.claimRef === undefined && suits(volume, claim) && isWithinReach(volume, node),
  );
  return [...free].sort(bySizeThenName)[0];
}

const bySizeThenName = (left: PersistentVolume, right: PersistentVolume): number =>
  bytes(left.spec.capacity?.['storage']) - bytes(right.spec.capacity?.['storage']) ||
  (left.metadata.name < right.metadata.name ? -1 : 1);

const isLargeEnough = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  bytes(volume.spec.capacity?.['storage']) >= bytes(asked(claim)) &&
  (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem') &&
  volume.spec.storageClassName === claim.spec.storageClassName &&
  volume.metadata.deletionTimestamp === undefined;

function isFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

const suits = (volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean =>
  volume.status?.phase === 'Available' &&
  (spec.selector === undefined || matchesLabels(selectorFrom(spec.selector), volume.metadata.labels)) &&
  (spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));

function canBeMade(storage: ReferenceStorage, claim: PersistentVolumeClaim, { metadata }: Node): boolean {
  const { provisioner = '', allowedTopologies = [] } = classOf(storage, claim) ?? {};
  if (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner') return false;
  if (allowedTopologies.length === 0) return true;
  for (const { matchLabelExpressions = [] } of allowedTopologies) {
    const holds = matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? ''));
    if (holds && matchLabelExpressions.length > 0) return true;
  }
  return false;
}

/** Of what each driver has left, where it says so. */
function isRoomFor(storage: ReferenceStorage, claim: PersistentVolumeClaim, { metadata }: Node): boolean {
  const ofClass = classOf(storage, claim);
  const isCounted = named(storage.drivers, ofClass?.provisioner)?.spec.storageCapacity === true;
  if (!isCounted) return true;
  return storage.capacities.some(({ storageClassName, nodeTopology, capacity, maximumVolumeSize = capacity }) => {
    if (storageClassName !== ofClass?.metadata.name || nodeTopology === undefined) return false;
    if (!matchesLabels(selectorFrom(nodeTopology), metadata.labels)) return false;
    return maximumVolumeSize !== undefined && bytes(maximumVolumeSize) >= bytes(asked(claim));
  });
}
