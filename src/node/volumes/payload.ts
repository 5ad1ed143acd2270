/** The files a volume made from API objects holds. Pure. */
import type { ConfigMap } from '#api/core/config-map';
import type { Pod } from '#api/core/pod';
import type { Secret } from '#api/core/secret';
import type {
  ConfigMapProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  SecretProjection,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '#api/types/core-v1';
import { fieldValue, type PodAddresses } from '../pods/config/field-value.ts';
import { resourceValue, type ResourceList } from '../pods/config/resource-value.ts';

export type PayloadFile = { readonly data: Buffer; readonly mode: number };
/** By path inside the volume. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** What a volume asks for and cannot have; the text is what its pod's event says. */
class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

export type PayloadObjects = {
  readonly configMap: (name: string) => ConfigMap | undefined;
  readonly secret: (name: string) => Secret | undefined;
  /** Of the pod's service account. */
  readonly token: (source: ServiceAccountTokenProjection) => string;
};

export type PayloadContext = {
  readonly pod: Pod;
  readonly objects: PayloadObjects;
  readonly addresses: PodAddresses;
  readonly allocatable: ResourceList;
  readonly defaultMode: number;
};

type Data = ReadonlyMap<string, Buffer>;
type Projection = { readonly items?: readonly KeyToPath[]; readonly optional?: boolean };

export function configMapPayload(source: ConfigMapProjection, { objects, defaultMode }: PayloadContext): Payload {
  const name = source.name ?? '';
  const found = objects.configMap(name);
  if (found === undefined && source.optional !== true)
    throw new PayloadError(`configmap ${JSON.stringify(name)} not found`);
  const data: Data = new Map([
    ...Object.entries(found?.data ?? {}).map(([key, text]) => [key, Buffer.from(text)] as const),
    ...Object.entries(found?.binaryData ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')] as const),
  ]);
  return select(data, source, { defaultMode, missing: 'configmap references non-existent config key' });
}

export function secretPayload(source: SecretProjection, { objects, defaultMode }: PayloadContext): Payload {
  const name = source.name ?? '';
  const found = objects.secret(name);
  if (found === undefined && source.optional !== true)
    throw new PayloadError(`secret ${JSON.stringify(name)} not found`);
  const entries = Object.entries(found?.data ?? {});
  const data: Data = new Map(entries.map(([key, base64]) => [key, Buffer.from(base64, 'base64')]));
  return select(data, source, { defaultMode, missing: 'references non-existent secret key' });
}

export function downwardPayload(items: readonly DownwardAPIVolumeFile[], context: PayloadContext): Payload {
  return new Map(
    items.map((item) => [
      item.path,
      { data: Buffer.from(downwardValue(item, context)), mode: item.mode ?? context.defaultMode },
    ]),
  );
}

/** All sources in one directory; of two that say the same path, the later. */
export function projectedPayload(sources: readonly VolumeProjection[], context: PayloadContext): Payload {
  return new Map(sources.flatMap((source) => [...filesOf(source, context)]));
}

function filesOf(source: VolumeProjection, context: PayloadContext): Payload {
  const { configMap, secret, downwardAPI, serviceAccountToken: token } = source;
  if (configMap !== undefined) return configMapPayload(configMap, context);
  if (secret !== undefined) return secretPayload(secret, context);
  if (token !== undefined) return new Map([[token.path, tokenFile(token, context)]]);
  return downwardPayload(downwardAPI?.items ?? [], context);
}

/** Where files are a group's, others need not read the token. */
function tokenFile(source: ServiceAccountTokenProjection, { pod, objects, defaultMode }: PayloadContext): PayloadFile {
  const ofGroup = pod.spec.securityContext?.fsGroup !== undefined;
  return { data: Buffer.from(objects.token(source)), mode: ofGroup ? 0o600 : defaultMode };
}

type Selection = { readonly defaultMode: number; readonly missing: string };

function select(data: Data, { items, optional }: Projection, { defaultMode, missing }: Selection): Payload {
  if (items === undefined) return new Map([...data].map(([key, bytes]) => [key, { data: bytes, mode: defaultMode }]));
  const chosen = new Map<string, PayloadFile>();
  for (const { key, path, mode } of items) {
    const bytes = data.get(key);
    if (bytes !== undefined) chosen.set(path, { data: bytes, mode: mode ?? defaultMode });
    else if (optional !== true) throw new PayloadError(`${missing}: ${key}`);
  }
  return chosen;
}

function downwardValue(item: DownwardAPIVolumeFile, { pod, addresses, allocatable }: PayloadContext): string {
  const { fieldRef, resourceFieldRef } = item;
  if (fieldRef !== undefined) {
    const value = fieldValue(pod, fieldRef.fieldPath, addresses);
    if (value === undefined) throw new PayloadError(`unsupported fieldPath: ${fieldRef.fieldPath}`);
    return value;
  }
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = all.find(({ name }) => name === resourceFieldRef?.containerName);
  const value = container && resourceFieldRef && resourceValue(container, resourceFieldRef, allocatable);
  if (value === undefined)
    throw new PayloadError(
      `cannot read a resource of container ${JSON.stringify(resourceFieldRef?.containerName ?? '')}`,
    );
  return value;
}
