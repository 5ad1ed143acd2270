/** A piece of storage in the cluster, made by an operator or by a provisioner, with a life of its own beside the pods that use it. */
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from '../meta/columns.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { defaultPersistentVolume } from './persistent-volume/defaults.ts';
import { validateVolumeSpec } from './persistent-volume/spec.ts';
import { validateVolumeUpdate } from './persistent-volume/update.ts';
import { volumeWarnings } from './persistent-volume/warnings.ts';
import { accessModesText } from './volume/access-modes.ts';
import { phaseText, storageOf, UNSET } from './volume/columns.ts';
import { storageClassOf } from './volume/storage-class.ts';

export type PersistentVolume = core.PersistentVolume;

export const PersistentVolume = defineResource<PersistentVolume>(
  {
    group: '',
    version: 'v1',
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    namespaced: false,
  },
  {
    shortNames: ['pv'],
    hasStatus: true,
    applyDefaults: defaultPersistentVolume,
    prepareForCreate: (volume) => ({ ...volume, status: newStatus(volume) }),
    validateName: checkDnsSubdomain,
    validate: ({ metadata, spec }) => [...validateVolumeSpec(spec, { field: 'spec', name: metadata.name })],
    validateUpdate: (next, stored) => [...validateVolumeUpdate(next.spec, stored.spec)],
    warnings: (volume) => [...volumeWarnings(volume)],
    columns: [
      NAME_COLUMN,
      column('Capacity', 'How much it holds.', ({ spec }) => storageOf(spec.capacity)),
      column('Access Modes', 'In which ways it may be mounted.', ({ spec }) => accessModesText(spec.accessModes)),
      column(
        'Reclaim Policy',
        'What becomes of it when its claim is gone.',
        ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
      ),
      column('Status', 'Whether a claim has it.', phaseText),
      column('Claim', 'The claim that has it.', ({ spec: { claimRef } }) =>
        claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`,
      ),
      column('StorageClass', 'Its class.', storageClassOf),
      column(
        'VolumeAttributesClass',
        'The class of its attributes.',
        ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
      ),
      column('Reason', 'Why it is in this state.', ({ status }) => status?.reason ?? ''),
      AGE_COLUMN,
      wideColumn('VolumeMode', 'Whether it is a file system or a device.', ({ spec }) => spec.volumeMode ?? UNSET),
    ],
  },
);

function newStatus({ metadata: { creationTimestamp } }: PersistentVolume): core.PersistentVolumeStatus {
  return {
    phase: 'Pending',
    ...(creationTimestamp === undefined ? {} : { lastPhaseTransitionTime: creationTimestamp }),
  };
}
