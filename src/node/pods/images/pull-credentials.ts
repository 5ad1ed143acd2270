/** The credentials in a pod's pull secrets that fit an image's registry. */
import type { Secret } from '#api/core/secret';
import type { ImageAuth } from '../../runtime/runtime.ts';
import { present } from '../plan/present.ts';
import { registryOf } from './image-name.ts';

type Entry = {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
};

const DOCKER_HUB: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

export function credentialsFor(image: string, secrets: readonly Secret[]): readonly ImageAuth[] {
  const registry = registryOf(image);
  return secrets
    .flatMap(entriesOf)
    .filter(([server]) => isSame(hostOf(server), registry))
    .map(([, entry]) => authOf(entry));
}

function entriesOf({ data = {} }: Secret): readonly (readonly [string, Entry])[] {
  const config = data['.dockerconfigjson'];
  const legacy = data['.dockercfg'];
  if (config !== undefined) return Object.entries((read(config)?.['auths'] ?? {}) as Record<string, Entry>);
  return legacy === undefined ? [] : Object.entries((read(legacy) ?? {}) as Record<string, Entry>);
}

// A secret that cannot be read gives no credentials; the registry's refusal tells the user.
function read(base64: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}

function isSame(left: string, right: string): boolean {
  return left === right || (DOCKER_HUB.has(left) && DOCKER_HUB.has(right));
}

function authOf({ username, password, auth, identitytoken, registrytoken }: Entry): ImageAuth {
  const [user, ...rest] = auth === undefined ? [] : Buffer.from(auth, 'base64').toString('utf8').split(':');
  return present({
    username: username ?? user,
    password: password ?? (rest.length > 0 ? rest.join(':') : undefined),
    identityToken: identitytoken,
    registryToken: registrytoken,
  });
}
