/** Files from config maps, secrets and the pod itself, alone and projected: values, paths, modes, owners. */
import type { PodSpec, Volume } from '#api/types/core-v1';
import { NON_ROOT, type PodCase, type PodCases, withVolume } from './pod-case.ts';

export const FILES = 'files';
export const DATA = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };

type Items = readonly { readonly key: string; readonly path: string; readonly mode?: number }[];
type Asked = { readonly items?: Items; readonly defaultMode?: number };
/** How a kind of source is written into a volume. */
type Source = (asked: Asked) => Omit<Volume, 'name'>;

const configMap: Source = (asked) => ({ configMap: { name: FILES, ...asked } });
const secret: Source = (asked) => ({ secret: { secretName: FILES, ...asked } });
const projectedConfigMap: Source = ({ items, defaultMode }) => ({
  projected: projected({ configMap: { name: FILES, ...(items === undefined ? {} : { items }) } }, defaultMode),
});
const projectedSecret: Source = ({ items, defaultMode }) => ({
  projected: projected({ secret: { name: FILES, ...(items === undefined ? {} : { items }) } }, defaultMode),
});

function projected(source: object, defaultMode?: number): NonNullable<Volume['projected']> {
  return { sources: [source], ...(defaultMode === undefined ? {} : { defaultMode }) };
}

const ITEM = { key: 'data-2', path: 'path/to/data-2' };
const FS_GROUP: Partial<PodSpec> = { securityContext: { runAsUser: 1000, fsGroup: 1001 } };

/** Mode and content of one file of the volume. */
type File = { readonly path: string; readonly says: string; readonly spec?: Partial<PodSpec> };

const file = (volume: Omit<Volume, 'name'>, { path, says, spec = {} }: File): PodCase =>
  withVolume({ volume }, { script: `stat -L -c '%a' /v/${path}; cat /v/${path}`, says, spec });

function twice(source: Source): PodCase {
  const mounts = ['/one', '/two'].map((mountPath, index) => ({ name: `v${index}`, mountPath, readOnly: true }));
  return {
    script: 'cat /one/data-1 /two/data-1',
    says: 'value-1value-1',
    container: { volumeMounts: mounts },
    spec: { volumes: mounts.map(({ name }) => ({ name, ...source({}) })) },
  };
}

const plain = (source: Source): PodCase => file(source({}), { path: 'data-1', says: '644\nvalue-1' });
const nonRoot = (source: Source): PodCase => file(source({}), { path: 'data-1', says: '644\nvalue-1', spec: NON_ROOT });
const grouped = (source: Source): PodCase =>
  file(source({ defaultMode: 0o440 }), { path: 'data-1', says: '440\nvalue-1', spec: FS_GROUP });
const closed = (source: Source): PodCase =>
  file(source({ defaultMode: 0o400 }), { path: 'data-1', says: '400\nvalue-1' });
const chosen = (source: Source): PodCase => file(source({ items: [ITEM] }), { path: ITEM.path, says: '644\nvalue-2' });
const chosenMode = (source: Source): PodCase =>
  file(source({ items: [{ ...ITEM, mode: 0o400 }] }), { path: ITEM.path, says: '400\nvalue-2' });
const chosenNonRoot = (source: Source): PodCase =>
  file(source({ items: [ITEM] }), { path: ITEM.path, says: '644\nvalue-2', spec: NON_ROOT });

const BOTH = {
  sources: [{ configMap: { name: FILES } }, { secret: { name: FILES, items: [{ key: 'data-2', path: 'secret' }] } }],
};
const POD_NAME = { path: 'name', fieldRef: { fieldPath: 'metadata.name' } };

export const FILE_CASES: PodCases = {
  'configMap-volume': plain(configMap),
  'configMap-volume-non-root': nonRoot(configMap),
  'configMap-volume-defaultMode': closed(configMap),
  'configMap-volume-items': chosen(configMap),
  'configMap-volume-item-mode': chosenMode(configMap),
  'configMap-items-non-root': chosenNonRoot(configMap),
  'configMap-mounted-twice': twice(configMap),
  'configMap-binaryData-volume': withVolume(
    { volume: { configMap: { name: 'binary' } } },
    { script: 'cat /v/text; od -An -tx1 /v/dump.bin', says: 'some text de ca fe 00 ff' },
  ),
  'projected-configMap': plain(projectedConfigMap),
  'projected-configMap-non-root': nonRoot(projectedConfigMap),
  'projected-configMap-defaultMode': closed(projectedConfigMap),
  'projected-configMap-items': chosen(projectedConfigMap),
  'projected-configMap-item-mode': chosenMode(projectedConfigMap),
  'projected-configMap-items-non-root': chosenNonRoot(projectedConfigMap),
  'projected-configMap-mounted-twice': twice(projectedConfigMap),
  'secret-volume': plain(secret),
  'secret-volume-non-root-fsGroup': grouped(secret),
  'secret-volume-defaultMode': closed(secret),
  'secret-volume-items': chosen(secret),
  'secret-volume-item-mode': chosenMode(secret),
  'secret-mounted-twice': twice(secret),
  // The one of the other namespace says something else.
  'same-named-secrets-in-two-namespaces': plain(secret),
  'projected-secret': plain(projectedSecret),
  'projected-secret-non-root-fsGroup': grouped(projectedSecret),
  'projected-secret-defaultMode': closed(projectedSecret),
  'projected-secret-items': chosen(projectedSecret),
  'projected-secret-item-mode': chosenMode(projectedSecret),
  'projected-secret-mounted-twice': twice(projectedSecret),
  'projected-all-sources': withVolume(
    { volume: { projected: { sources: [...BOTH.sources, { downwardAPI: { items: [POD_NAME] } }] } } },
    { script: 'cat /v/data-1 /v/secret /v/name', says: 'value-1value-2projected-all-sources' },
  ),
  'secret-and-configMap-volumes-coexist': {
    script: 'cat /a/data-1 /b/data-2',
    says: 'value-1value-2',
    container: {
      volumeMounts: [
        { name: 'a', mountPath: '/a' },
        { name: 'b', mountPath: '/b' },
      ],
    },
    spec: {
      volumes: [
        { name: 'a', ...secret({}) },
        { name: 'b', ...configMap({}) },
      ],
    },
  },
  'subPath-over-configMap': part(configMap({}), 'data-1', 'value-1'),
  'subPath-over-secret': part(secret({}), 'data-1', 'value-1'),
  'subPath-over-projected': part(projectedConfigMap({}), 'data-1', 'value-1'),
  'subPath-over-downwardAPI': part({ downwardAPI: { items: [POD_NAME] } }, 'name', 'subpath-over-downwardapi'),
  'subPath-over-existing-file': withVolume(
    { volume: configMap({}), mount: { mountPath: '/etc/nsswitch.conf', subPath: 'data-1' } },
    { script: 'cat /etc/nsswitch.conf', says: 'value-1' },
  ),
};

/** One file of the volume, mounted by itself. */
function part(volume: Omit<Volume, 'name'>, subPath: string, says: string): PodCase {
  return withVolume({ volume, mount: { mountPath: '/v/one', subPath } }, { script: 'cat /v/one', says });
}
