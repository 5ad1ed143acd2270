/** Keeps pods from disks that are in use and can only be used once, and from claims that only one pod may have. */
import type { Pod, Volume } from '#api/types/core-v1';
import { claimsOf } from '#api/core/volume/pod-claims';
import { type Plugin, refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { claimedVolumes } from './pod-volumes.ts';

const DISK = refusal('node(s) had no available disk');
const CLAIM = refusal('node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode');

export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  isForOnePod: true,
  filter: (pod, state) => {
    const disks = (pod.spec.volumes ?? []).filter(isDisk);
    const claims = exclusiveClaims(pod, state);
    if (disks.length === 0 && claims.length === 0) return undefined;
    return {
      verdict: (slot) => {
        if (disks.some((disk) => isInUse(disk, state.podsAt(slot)))) return DISK;
        return claims.some((claim) => state.claimUsers.of(pod.metadata.namespace ?? '', claim) > 0) ? CLAIM : undefined;
      },
    };
  },
  wakes: (event, pod) => {
    if (event.kind === 'NodeAdded' || event.kind === 'StorageChanged') return true;
    if (event.kind !== 'PodRemoved') return false;
    const { volumes: left = [] } = event.pod.spec;
    const isFreed = (volume: Volume): boolean => left.some((other) => collide(volume, other));
    return sharesClaim(pod, event.pod) || (pod.spec.volumes ?? []).some(isFreed);
  },
};

/** Those that no other pod may use at the same time. */
export const exclusiveClaims = (pod: Pod, state: ClusterState): readonly string[] =>
  claimedVolumes(pod, state.storage)
    .filter(({ claim }) => claim.spec.accessModes?.includes('ReadWriteOncePod') === true)
    .map(({ claim }) => claim.metadata.name);

function sharesClaim(left: Pod, right: Pod): boolean {
  const claims = new Set(claimsOf(right));
  return left.metadata.namespace === right.metadata.namespace && claimsOf(left).some((claim) => claims.has(claim));
}

const isDisk = ({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: Volume): boolean =>
  [gcePersistentDisk, awsElasticBlockStore, iscsi, rbd].some((disk) => disk !== undefined);

const isInUse = (disk: Volume, pods: readonly Pod[]): boolean =>
  pods.some(({ spec: { volumes = [] } }) => volumes.some((other) => collide(disk, other)));

type Readable = { readonly readOnly?: boolean };

/** Only reading bothers nobody, but for disks of EC2, which are attached once whatever for. */
export function collide(left: Volume, right: Volume): boolean {
  return (
    isSameBlockStore(left, right) || isSameDisk(left, right) || isSameTarget(left, right) || isSameImage(left, right)
  );
}

const isSameBlockStore = ({ awsElasticBlockStore: left }: Volume, { awsElasticBlockStore: right }: Volume): boolean =>
  left !== undefined && left.volumeID === right?.volumeID;

function isSameDisk({ gcePersistentDisk: left }: Volume, { gcePersistentDisk: right }: Volume): boolean {
  if (left === undefined || right === undefined) return false;
  return left.pdName === right.pdName && !areReadOnly(left, right);
}

function isSameTarget({ iscsi: left }: Volume, { iscsi: right }: Volume): boolean {
  if (left === undefined || right === undefined) return false;
  return left.iqn === right.iqn && !areReadOnly(left, right);
}

function isSameImage({ rbd: left }: Volume, { rbd: right }: Volume): boolean {
  if (left === undefined || right === undefined) return false;
  const sharesMonitor = left.monitors.some((monitor) => right.monitors.includes(monitor));
  return sharesMonitor && left.pool === right.pool && left.image === right.image && !areReadOnly(left, right);
}

const areReadOnly = (left: Readable, right: Readable): boolean => left.readOnly === true && right.readOnly === true;
