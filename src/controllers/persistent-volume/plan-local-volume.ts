/** Decides on the volume that a claim of a local class gets: a directory on the node that its pod will run on. */
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { PROVISIONED_BY, SELECTED_NODE } from '#api/core/volume/annotations';
import { HOSTNAME_LABEL, VOLUMES_DIRECTORY } from '#api/core/volume/local-volumes';
import type { PersistentVolume } from '#api/core/persistent-volume';
import type { Unsaved } from '#api/object';
import type { StorageClass } from '#api/storage/storage-class';
import type { Node, NodeSelectorRequirement } from '#api/types/core-v1';

export type LocalVolumePlan =
  | { readonly volume: Unsaved<PersistentVolume> }
  /** `of`: what it lies in; another node may do where the first did not. */
  | { readonly problem: string; readonly of: 'claim' | 'node' };

export type LocalVolumeSnapshot = {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  readonly nodes: readonly Node[];
};

export function planLocalVolume({ claim, storageClass, nodes }: LocalVolumeSnapshot): LocalVolumePlan {
  if (claim.spec.volumeMode === 'Block')
    return { problem: 'local volumes are directories: they cannot be devices', of: 'claim' };
  if (claim.spec.selector !== undefined) return { problem: 'claim.spec.selector is not supported', of: 'claim' };
  const wanted = claim.metadata.annotations?.[SELECTED_NODE];
  const able = nodes.filter(({ metadata }) => metadata.annotations?.[VOLUMES_DIRECTORY] !== undefined);
  const node = able.find(({ metadata }) => wanted === undefined || metadata.name === wanted);
  if (node !== undefined) return { volume: volumeOn(node, claim, storageClass) };
  const problem = wanted === undefined ? 'no node keeps local volumes' : `node "${wanted}" keeps no local volumes`;
  return { problem, of: 'node' };
}

function volumeOn(node: Node, claim: PersistentVolumeClaim, storageClass: StorageClass): Unsaved<PersistentVolume> {
  const { namespace = '', name, uid, resourceVersion } = claim.metadata;
  const { accessModes = [], resources } = claim.spec;
  const { reclaimPolicy = 'Delete', mountOptions = [] } = storageClass;
  const volumeName = `pvc-${uid}`;
  return {
    metadata: { name: volumeName, annotations: { [PROVISIONED_BY]: storageClass.provisioner } },
    spec: {
      accessModes,
      capacity: { ...resources?.requests },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      hostPath: { path: `${directoryOf(node)}/${volumeName}`, type: 'DirectoryOrCreate' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onlyOn(node)] }] } },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      ...(mountOptions.length === 0 ? {} : { mountOptions }),
    },
  };
}

const directoryOf = ({ metadata }: Node): string => metadata.annotations?.[VOLUMES_DIRECTORY] ?? '';

function onlyOn({ metadata: { labels, name } }: Node): NodeSelectorRequirement {
  return { key: HOSTNAME_LABEL, operator: 'In', values: [labels?.[HOSTNAME_LABEL] ?? name] };
}
