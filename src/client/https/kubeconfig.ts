/** Reads a kubeconfig file: which server its context means, and with which credentials. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';
import type { Connection } from './connection.ts';

export type KubeconfigOptions = {
  /** The context to use; the file's current one unless given. */
  readonly context?: string;
};

type Fields = Readonly<Record<string, unknown>>;

export async function loadKubeconfig(path: string, options: KubeconfigOptions = {}): Promise<Connection> {
  const text = await readFile(path, 'utf8');
  return await readKubeconfig(text, { ...options, folder: dirname(path) });
}

/** Files that the text names are looked for from `folder`. */
export async function readKubeconfig(
  text: string,
  { context, folder }: KubeconfigOptions & { readonly folder: string },
): Promise<Connection> {
  const config = fieldsOf(load(text), 'the file');
  const name = context ?? textOf(config, 'current-context');
  if (name === undefined || name === '')
    throw cannot('it has no current context, expected one or a context to be named');
  const chosen = entryOf(config, 'context', name);
  const cluster = entryOf(config, 'cluster', textOf(chosen, 'cluster') ?? '');
  const userName = textOf(chosen, 'user');
  const user = userName === undefined ? {} : entryOf(config, 'user', userName);
  const server = textOf(cluster, 'server');
  if (server === undefined) throw cannot(`cluster ${JSON.stringify(textOf(chosen, 'cluster'))} has no server`);
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined) {
    throw cannot(`user ${JSON.stringify(userName)} logs in through a program, expected a certificate or a token`);
  }
  const [ca, cert, key] = await Promise.all([
    pemOf(cluster, 'certificate-authority', folder),
    pemOf(user, 'client-certificate', folder),
    pemOf(user, 'client-key', folder),
  ]);
  return given({
    server,
    ca,
    cert,
    key,
    token: await tokenOf(user, folder),
    serverName: textOf(cluster, 'tls-server-name'),
    skipVerify: cluster['insecure-skip-tls-verify'] === true ? true : undefined,
  });
}

async function tokenOf(user: Fields, folder: string): Promise<string | undefined> {
  const file = textOf(user, 'tokenFile');
  return file === undefined ? textOf(user, 'token') : (await readFile(resolve(folder, file), 'utf8')).trim();
}

async function pemOf(entry: Fields, name: string, folder: string): Promise<string | undefined> {
  const data = textOf(entry, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = textOf(entry, name);
  return file === undefined ? undefined : await readFile(resolve(folder, file), 'utf8');
}

function entryOf(config: Fields, kind: 'cluster' | 'context' | 'user', name: string): Fields {
  const list = config[`${kind}s`];
  const found = Array.isArray(list)
    ? list.find((entry: unknown) => isFields(entry) && entry['name'] === name)
    : undefined;
  if (!isFields(found)) throw cannot(`it has no ${kind} ${JSON.stringify(name)}`);
  return fieldsOf(found[kind], `${kind} ${JSON.stringify(name)}`);
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

function fieldsOf(value: unknown, what: string): Fields {
  if (isFields(value)) return value;
  throw cannot(`${what} is ${value === null ? 'empty' : typeof value}, expected a mapping`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cannot(why: string): TypeError {
  return new TypeError(`Cannot read kubeconfig: ${why}`);
}

function given(connection: { readonly [K in keyof Connection]: Connection[K] | undefined }): Connection {
  return Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined)) as Connection;
}
