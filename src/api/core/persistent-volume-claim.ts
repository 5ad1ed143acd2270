/** A claim to storage: how much of it, of which class, and once it is bound the volume that serves it. */
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from '../meta/columns.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { withDataSources } from './persistent-volume-claim/data-sources.ts';
import { validateClaimSpec } from './persistent-volume-claim/spec.ts';
import { validateClaimStatus } from './persistent-volume-claim/status.ts';
import { validateClaimUpdate } from './persistent-volume-claim/update.ts';
import { claimWarnings } from './persistent-volume-claim/warnings.ts';
import { accessModesText } from './volume/access-modes.ts';
import { phaseText, storageOf, UNSET } from './volume/columns.ts';
import { storageClassOf } from './volume/storage-class.ts';
import { DEFAULT_VOLUME_MODE } from './volume/volume-modes.ts';

export type PersistentVolumeClaim = core.PersistentVolumeClaim;

export const PersistentVolumeClaim = defineResource<PersistentVolumeClaim>(
  {
    group: '',
    version: 'v1',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    namespaced: true,
  },
  {
    shortNames: ['pvc'],
    hasStatus: true,
    applyDefaults: (claim) => ({
      ...claim,
      spec: { ...claim.spec, volumeMode: claim.spec.volumeMode ?? DEFAULT_VOLUME_MODE },
      status: { ...claim.status, phase: claim.status?.phase || 'Pending' },
    }),
    prepareForCreate: (claim) => ({ ...claim, spec: withDataSources(claim.spec), status: { phase: 'Pending' } }),
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validateClaimSpec(spec, 'spec')],
    validateUpdate: (next, stored) => [...validateClaimUpdate(next, stored)],
    validateStatusUpdate: (next) => [...validateClaimStatus(next)],
    warnings: (claim) => [...claimWarnings(claim)],
    columns: [
      NAME_COLUMN,
      column('Status', 'Whether it has a volume.', phaseText),
      column('Volume', 'The volume that serves it.', ({ spec }) => spec.volumeName ?? ''),
      column('Capacity', 'How much it has.', (claim) =>
        claim.spec.volumeName ? storageOf(claim.status?.capacity) : '',
      ),
      column('Access Modes', 'In which ways it may be mounted.', (claim) =>
        claim.spec.volumeName ? accessModesText(claim.status?.accessModes) : '',
      ),
      column('StorageClass', 'The class of its volume.', storageClassOf),
      column(
        'VolumeAttributesClass',
        'The class of attributes of its volume.',
        ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
      ),
      AGE_COLUMN,
      wideColumn('VolumeMode', 'Whether it is a file system or a device.', ({ spec }) => spec.volumeMode ?? UNSET),
    ],
  },
);
