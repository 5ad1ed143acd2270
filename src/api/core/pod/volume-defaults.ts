/** Fills in what the author of a volume left open, as upstream does. */
import type { DownwardAPIVolumeFile, EphemeralVolumeSource, Volume, VolumeProjection } from '../../types/core-v1.ts';
import { SOURCE_DEFAULTS } from '../volume/source-defaults.ts';
import { mapped, withDivisor, withVersion } from './default-parts.ts';
import { defaultPullPolicy } from './image.ts';

const FILE_MODE = 0o644;
const TOKEN_LIFETIME_SECONDS = 3600;

type Source = Exclude<keyof Volume, 'name'>;

/** What each source gets that its author did not say; sources without defaults are absent. */
const DEFAULTS: { readonly [K in Source]?: (source: NonNullable<Volume[K]>) => NonNullable<Volume[K]> } = {
  ...SOURCE_DEFAULTS,
  secret: (source) => ({ ...source, defaultMode: source.defaultMode ?? FILE_MODE }),
  configMap: (source) => ({ ...source, defaultMode: source.defaultMode ?? FILE_MODE }),
  downwardAPI: (source) => ({
    ...source,
    defaultMode: source.defaultMode ?? FILE_MODE,
    ...mapped('items', source.items, defaultFile),
  }),
  projected: (source) => ({
    ...source,
    defaultMode: source.defaultMode ?? FILE_MODE,
    ...mapped('sources', source.sources, defaultProjection),
  }),
  image: (source) => ({ ...source, pullPolicy: source.pullPolicy || defaultPullPolicy(source.reference ?? '') }),
  ephemeral: defaultEphemeral,
};

const SOURCES = Object.keys(DEFAULTS) as readonly Source[];

/** A volume without a source is an empty directory. */
export function defaultVolume(volume: Volume): Volume {
  if (Object.entries(volume).every(([key, value]) => key === 'name' || value === undefined))
    return { ...volume, emptyDir: {} };
  return SOURCES.reduce(defaultSource, volume);
}

function defaultSource<K extends Source>(volume: Volume, key: K): Volume {
  const source = volume[key];
  const fill = DEFAULTS[key];
  return source === undefined || fill === undefined ? volume : { ...volume, [key]: fill(source) };
}

function defaultFile(file: DownwardAPIVolumeFile): DownwardAPIVolumeFile {
  const { fieldRef, resourceFieldRef } = file;
  return {
    ...file,
    ...(fieldRef === undefined ? {} : { fieldRef: withVersion(fieldRef) }),
    ...(resourceFieldRef === undefined ? {} : { resourceFieldRef: withDivisor(resourceFieldRef) }),
  };
}

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  const { serviceAccountToken: token, downwardAPI } = projection;
  return {
    ...projection,
    ...(token === undefined
      ? {}
      : {
          serviceAccountToken: { ...token, expirationSeconds: token.expirationSeconds ?? TOKEN_LIFETIME_SECONDS },
        }),
    ...(downwardAPI === undefined
      ? {}
      : { downwardAPI: { ...downwardAPI, ...mapped('items', downwardAPI.items, defaultFile) } }),
  };
}

function defaultEphemeral(source: EphemeralVolumeSource): EphemeralVolumeSource {
  const template = source.volumeClaimTemplate;
  if (template === undefined) return source;
  const { spec } = template;
  return {
    ...source,
    volumeClaimTemplate: { ...template, spec: { ...spec, volumeMode: spec.volumeMode ?? 'Filesystem' } },
  };
}
