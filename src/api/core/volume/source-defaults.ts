/** What sources of volumes get that their author did not say, alike in pods and in persistent volumes. */
import type { AzureDiskVolumeSource, HostPathVolumeSource } from '../../types/core-v1.ts';

export const SOURCE_DEFAULTS = {
  azureDisk: (source: AzureDiskVolumeSource): AzureDiskVolumeSource => ({
    ...source,
    cachingMode: source.cachingMode ?? 'ReadWrite',
    kind: source.kind ?? 'Shared',
    fsType: source.fsType ?? 'ext4',
    readOnly: source.readOnly ?? false,
  }),
  hostPath: (source: HostPathVolumeSource): HostPathVolumeSource => ({ ...source, type: source.type ?? '' }),
  iscsi: <T extends { readonly iscsiInterface?: string }>(source: T): T => ({
    ...source,
    iscsiInterface: source.iscsiInterface || 'default',
  }),
  rbd: <T extends { readonly pool?: string; readonly user?: string; readonly keyring?: string }>(source: T): T => ({
    ...source,
    pool: source.pool || 'rbd',
    user: source.user || 'admin',
    keyring: source.keyring || '/etc/ceph/keyring',
  }),
  scaleIO: <T extends { readonly storageMode?: string; readonly fsType?: string }>(source: T): T => ({
    ...source,
    storageMode: source.storageMode || 'ThinProvisioned',
    fsType: source.fsType || 'xfs',
  }),
} as const;
