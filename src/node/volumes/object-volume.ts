/** Reads the objects that a volume shows and makes its files of them. */
import type { ConfigMap } from '#api/core/config-map';
import type { Pod } from '#api/core/pod';
import type { Secret } from '#api/core/secret';
import type { ServiceAccountTokenProjection, Volume } from '#api/types/core-v1';
import type { HeldObjects } from '../pods/agent-context.ts';
import type { PodAddresses } from '../pods/config/field-value.ts';
import type { ResourceList } from '../pods/config/resource-value.ts';
import {
  configMapPayload,
  downwardPayload,
  projectedPayload,
  secretPayload,
  type Payload,
  type PayloadContext,
} from './payload.ts';
import type { TokenSource } from './pod-tokens.ts';

export type ObjectVolumeContext = {
  readonly pod: Pod;
  readonly objects: HeldObjects;
  readonly addresses: PodAddresses;
  readonly allocatable: ResourceList;
  readonly signal: AbortSignal;
  readonly tokens: TokenSource;
};

const DEFAULT_MODE = 0o644;

/** Whether a volume's files come from the API: nobody may write to them. */
export function readsObjects({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return [configMap, secret, downwardAPI, projected].some((source) => source !== undefined);
}

/** Throws `PayloadError`. */
export async function payloadOf(volume: Volume, context: ObjectVolumeContext): Promise<Payload> {
  const names = namesIn(volume);
  const configMaps = new Map<string, ConfigMap | undefined>();
  const secrets = new Map<string, Secret | undefined>();
  for (const name of names.configMaps) configMaps.set(name, await context.objects.configMap(name, context.signal));
  for (const name of names.secrets) secrets.set(name, await context.objects.secret(name, context.signal));
  const tokens = await tokensOf(volume, context);
  return filesOf(volume, {
    ...context,
    objects: {
      configMap: (name) => configMaps.get(name),
      secret: (name) => secrets.get(name),
      token: (source) => tokens.get(source) ?? '',
    },
    defaultMode: modeOf(volume),
  });
}

type Tokens = ReadonlyMap<ServiceAccountTokenProjection, string>;

async function tokensOf({ projected }: Volume, { pod, tokens, signal }: ObjectVolumeContext): Promise<Tokens> {
  const found = new Map<ServiceAccountTokenProjection, string>();
  for (const { serviceAccountToken: source } of projected?.sources ?? []) {
    if (source !== undefined) found.set(source, await tokens.get(pod, source, signal));
  }
  return found;
}

function filesOf({ configMap, secret, downwardAPI, projected }: Volume, context: PayloadContext): Payload {
  if (configMap !== undefined) return configMapPayload(configMap, context);
  if (secret !== undefined) return secretPayload(asProjection(secret), context);
  if (downwardAPI !== undefined) return downwardPayload(downwardAPI.items ?? [], context);
  return projectedPayload(projected?.sources ?? [], context);
}

function modeOf({ configMap, secret, downwardAPI, projected }: Volume): number {
  return [configMap, secret, downwardAPI, projected].find((each) => each !== undefined)?.defaultMode ?? DEFAULT_MODE;
}

type Names = { readonly configMaps: ReadonlySet<string>; readonly secrets: ReadonlySet<string> };

function namesIn({ configMap, secret, projected }: Volume): Names {
  const sources = projected?.sources ?? [];
  const known = (names: readonly (string | undefined)[]): ReadonlySet<string> =>
    new Set(names.filter((name) => name !== undefined));
  return {
    configMaps: known([configMap?.name, ...sources.map((source) => source.configMap?.name)]),
    secrets: known([secret?.secretName, ...sources.map((source) => source.secret?.name)]),
  };
}

function asProjection({ secretName = '', ...rest }: NonNullable<Volume['secret']>) {
  return { ...rest, name: secretName };
}
