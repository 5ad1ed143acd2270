/** Fills in what the author of a persistent volume left open, as upstream does. */
import type { PersistentVolume, PersistentVolumeSpec } from '../../types/core-v1.ts';
import { SOURCE_DEFAULTS } from '../volume/source-defaults.ts';
import { DEFAULT_VOLUME_MODE } from '../volume/volume-modes.ts';

type SourceName = keyof typeof SOURCE_DEFAULTS;

const DEFAULTS: {
  readonly [K in SourceName]: (source: NonNullable<PersistentVolumeSpec[K]>) => NonNullable<PersistentVolumeSpec[K]>;
} = SOURCE_DEFAULTS;

const SOURCES = Object.keys(DEFAULTS) as readonly SourceName[];

export function defaultPersistentVolume(volume: PersistentVolume): PersistentVolume {
  return {
    ...volume,
    spec: defaultVolumeSpec(volume.spec),
    status: { ...volume.status, phase: volume.status?.phase || 'Pending' },
  };
}

export function defaultVolumeSpec(spec: PersistentVolumeSpec): PersistentVolumeSpec {
  return {
    ...SOURCES.reduce(defaultSource, spec),
    persistentVolumeReclaimPolicy: spec.persistentVolumeReclaimPolicy || 'Retain',
    volumeMode: spec.volumeMode ?? DEFAULT_VOLUME_MODE,
  };
}

function defaultSource<K extends SourceName>(spec: PersistentVolumeSpec, key: K): PersistentVolumeSpec {
  const source = spec[key];
  return source === undefined ? spec : { ...spec, [key]: DEFAULTS[key](source) };
}
