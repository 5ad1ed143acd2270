/** The filters of volumes, naively: zones, disks that only one can use, and how many a node takes. */
import type { Node, Pod, Volume } from '#api/types/core-v1';
import { podsOn, type ReferenceCluster } from './cluster.ts';
import { helpless, type Refusal } from './node-filters.ts';
import { claimNamed, claimsOfPod, claimVolumes, named, type ReferenceStorage } from './storage.ts';
import { whyNotNode } from './volume-binding.ts';

type VolumeFilter = (
  world: { readonly cluster: ReferenceCluster; readonly storage: ReferenceStorage },
  pod: Pod,
  node: Node,
) => Refusal | undefined;

const CLASH = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';

const volumeRestrictions: VolumeFilter = ({ cluster, storage }, pod, node) => {
  const there = podsOn(cluster, node).flatMap(({ spec }) => spec.volumes ?? []);
  const clashes = (pod.spec.volumes ?? []).some((volume) => there.some((other) => clash(volume, other)));
  if (clashes) return { reasons: ['node(s) had no available disk'], helpless: false };
  const isTaken = claimsOfPod(storage, pod)
    .filter(({ spec }) => spec.accessModes?.includes('ReadWriteOncePod'))
    .some(({ metadata }) => cluster.pods.some((other) => uses(other, metadata.namespace, metadata.name)));
  return isTaken ? { reasons: [CLASH], helpless: false } : undefined;
};

const uses = (pod: Pod, namespace: string | undefined, claim: string): boolean =>
  pod.metadata.namespace === namespace && claimVolumes(pod).some(({ name }) => name === claim);

function clash(one: Volume, other: Volume): boolean {
  const { awsElasticBlockStore: aws, gcePersistentDisk: gce, iscsi, rbd } = one;
  if (aws && aws.volumeID === other.awsElasticBlockStore?.volumeID) return true;
  if (gce && gce.pdName === other.gcePersistentDisk?.pdName) return !gce.readOnly || !other.gcePersistentDisk.readOnly;
  if (iscsi && iscsi.iqn === other.iscsi?.iqn) return !iscsi.readOnly || !other.iscsi.readOnly;
  if (!rbd || !other.rbd) return false;
  const isSame = rbd.monitors.some((each) => other.rbd?.monitors.includes(each)) && rbd.pool === other.rbd.pool;
  return isSame && rbd.image === other.rbd.image && (!rbd.readOnly || !other.rbd.readOnly);
}

const nodeVolumeLimits: VolumeFilter = ({ cluster, storage }, pod, node) => {
  const there = new Set(podsOn(cluster, node).flatMap((other) => attachments(storage, other)));
  const wanted = new Set(attachments(storage, pod).filter((each) => !there.has(each)));
  for (const { name, allocatable } of named(storage.csiNodes, node.metadata.name)?.spec.drivers ?? []) {
    const ofDriver = (all: ReadonlySet<string>) => [...all].filter((each) => each.startsWith(`${name} `)).length;
    const count = allocatable?.count;
    if (count === undefined || ofDriver(wanted) === 0) continue;
    if (ofDriver(there) + ofDriver(wanted) > count)
      return { reasons: ['node(s) exceed max volume count'], helpless: false };
  }
  return undefined;
};

/** `DRIVER VOLUME` of each. */
function attachments(storage: ReferenceStorage, pod: Pod): readonly string[] {
  return claimsOfPod(storage, pod).flatMap(({ metadata, spec }) => {
    const volume = spec.volumeName ? named(storage.volumes, spec.volumeName) : undefined;
    if (volume !== undefined)
      return volume.spec.csi === undefined ? [] : [`${volume.spec.csi.driver} ${volume.spec.csi.volumeHandle}`];
    const driver = named(storage.classes, spec.storageClassName)?.provisioner;
    return driver === undefined ? [] : [`${driver} of ${metadata.namespace}/${metadata.name}`];
  });
}

const volumeBinding: VolumeFilter = ({ storage }, pod, node) => {
  const reasons = whyNotNode(storage, pod, node);
  return reasons.length === 0 ? undefined : { reasons, helpless: true };
};

const ZONE_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

const volumeZone: VolumeFilter = ({ storage }, pod, { metadata: { labels = {} } }) => {
  if (!ZONE_LABELS.some((key) => key in labels)) return undefined;
  for (const { volumeName } of claimVolumes(pod).map(({ name }) => boundTo(storage, pod, name))) {
    const places = named(storage.volumes, volumeName)?.metadata.labels ?? {};
    for (const key of ZONE_LABELS)
      if (key in places && !places[key]?.split('__').includes(labels[key] ?? ''))
        return helpless('node(s) had no available volume zone');
  }
  return undefined;
};

const boundTo = (storage: ReferenceStorage, pod: Pod, name: string): { readonly volumeName?: string } =>
  claimNamed(storage, pod.metadata.namespace, name)?.spec ?? {};

/** In the order in which they are asked, after the filters that look at the node alone. */
export const VOLUME_FILTERS: readonly (readonly [string, VolumeFilter])[] = [
  ['VolumeRestrictions', volumeRestrictions],
  ['NodeVolumeLimits', nodeVolumeLimits],
  ['VolumeBinding', volumeBinding],
  ['VolumeZone', volumeZone],
];
