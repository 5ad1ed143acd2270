/** Texts about volumes, what claims them and what provides them. */
import type { Descriptions } from '../descriptions.ts';

export const STORAGE = {
  'core.v1.PersistentVolumeClaim': { '': 'A wish for storage, which pods of its namespace mount by its name.' },
  'core.v1.PersistentVolumeClaimSpec': {
    accessModes:
      'In which ways it must be possible to mount it: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.',
    selector: 'Labels that its volume must have.',
    resources: 'How much storage it needs, under requests.storage.',
    volumeName: 'The volume that serves it. Set it to ask for that one.',
    storageClassName: 'Which class its volume is of. Without it the default class; an empty one means none.',
    volumeMode: 'Filesystem, or Block for a bare device.',
    dataSource: 'A claim or a snapshot that its volume starts as a copy of.',
    dataSourceRef: 'As dataSource, with any kind of object, in other namespaces too.',
    volumeAttributesClassName: 'Settings of its volume that may change while it is in use.',
  },
  'core.v1.PersistentVolumeClaimStatus': {
    phase: 'Pending until there is a volume, then Bound; Lost when the volume is gone.',
    accessModes: 'In which ways its volume can be mounted.',
    capacity: 'How much its volume holds.',
    conditions: 'What is being done to its volume.',
  },
  'core.v1.PersistentVolume': {
    '': 'A piece of storage in the cluster, with a life of its own beside the pods that use it.',
  },
  'core.v1.PersistentVolumeSpec': {
    capacity: 'How much it holds, under storage.',
    accessModes: 'In which ways it can be mounted.',
    claimRef: 'The claim that has it. Written beforehand, it keeps the volume for that claim.',
    persistentVolumeReclaimPolicy: 'What becomes of it when its claim is gone: Retain keeps it, Delete takes it away.',
    storageClassName: 'Which class it is of; claims of that class find it.',
    mountOptions: 'How it is mounted.',
    volumeMode: 'Filesystem, or Block for a bare device.',
    nodeAffinity: 'On which nodes it can be used.',
    volumeAttributesClassName: 'Its settings that may change while it is in use.',
    hostPath: 'A file or folder of a node.',
    local: 'A disk or folder of the nodes that nodeAffinity selects.',
    nfs: 'A share of a file server.',
    csi: 'What a driver brings.',
  },
  'core.v1.PersistentVolumeStatus': {
    phase:
      'Available until a claim has it, then Bound; Released when the claim is gone, Failed when it could not be reclaimed.',
    message: 'More about the phase, for people.',
    reason: 'Why it failed, for programs.',
    lastPhaseTransitionTime: 'Since when it is in its phase.',
  },
  'storage.v1.StorageClass': {
    '': 'A kind of storage that claims can ask for.',
    provisioner: 'Who makes volumes of the class.',
    parameters: 'Settings that only the provisioner understands.',
    reclaimPolicy: 'What becomes of its volumes when their claims are gone: Delete or Retain.',
    mountOptions: 'How its volumes are mounted.',
    allowVolumeExpansion: 'Whether its volumes can grow.',
    volumeBindingMode: 'Immediate binds a claim at once, WaitForFirstConsumer when its first pod has a node.',
    allowedTopologies: 'On which nodes its volumes may be made.',
  },
  'storage.v1.VolumeAttributesClass': {
    '': 'Settings of volumes that may change while they are in use.',
    driverName: 'The driver that understands them.',
    parameters: 'The settings.',
  },
  'storage.v1.CSIDriver': { '': 'A driver that brings volumes, and what it needs of the cluster.' },
  'storage.v1.CSINode': { '': 'Which drivers a node has.' },
  'storage.v1.CSIStorageCapacity': { '': 'How much storage of a class there is on a part of the nodes.' },
  'storage.v1.VolumeAttachment': { '': 'The wish that a volume be attached to a node, and what became of it.' },
} satisfies Descriptions;
