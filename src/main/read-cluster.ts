/** Reads the cluster that a simulation copies: from a running API server, a data directory, a copy of its database, or manifests. */
import { copyFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '#api/kinds';
import type { ApiObject } from '#api/object';
import { deepFreeze } from '#base/deep-freeze';
import type { World } from '#base/world';
import { dataDir } from '#cli/data-dir';
import { CommandError } from '#cli/exit';
import { isRunning, runningProcess } from '#cli/process-file';
import { parseJsonExactly } from '#api/meta/exact-json';
import { listPrefix } from '#apiserver/registry/keys';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import { readServer } from './read-server.ts';

/** `stored`: complete, under the keys of the store. `manifests`: as users write them. */
export type ClusterCopy = {
  readonly stored: readonly (readonly [key: string, object: ApiObject])[];
  readonly manifests: readonly ApiObject[];
};

const NOTHING: ClusterCopy = { stored: [], manifests: [] };
// The first bytes of every SQLite database.
const SQLITE_MAGIC = 'SQLite format 3';
const DATABASE = 'store.db';

export async function readCluster(from: string | undefined, world: World, signal: AbortSignal): Promise<ClusterCopy> {
  if (from === undefined) return NOTHING;
  if (!existsSync(from))
    throw new CommandError(2, `Cannot read a cluster from ${from}: there is no such file or directory`);
  if ((await stat(from)).isDirectory()) return await readDirectory(from, world, signal);
  if (await isDatabase(from)) return await readDatabase(from);
  const documents = await readDocuments(from);
  return documents.some(({ kind }) => (kind as string) === 'Config')
    ? { ...NOTHING, stored: await readServer(from, world, signal) }
    : { ...NOTHING, manifests: documents };
}

async function readDirectory(path: string, world: World, signal: AbortSignal): Promise<ClusterCopy> {
  if (existsSync(join(path, DATABASE))) {
    const { pid, kubeconfig, database } = dataDir(path);
    const running = await runningProcess(pid);
    // A running server has its newest state in memory.
    return running !== undefined && isRunning(running)
      ? { ...NOTHING, stored: await readServer(kubeconfig, world, signal) }
      : await readDatabase(database);
  }
  const files = (await readdir(path)).filter((file) => /\.(ya?ml|json)$/.test(file)).toSorted();
  if (files.length === 0) {
    throw new CommandError(2, `Cannot read a cluster from ${path}: there is neither ${DATABASE} nor a manifest in it`);
  }
  const documents = await Promise.all(files.map((file) => readDocuments(join(path, file))));
  return { ...NOTHING, manifests: documents.flat() };
}

async function isDatabase(path: string): Promise<boolean> {
  return (await readFile(path)).subarray(0, SQLITE_MAGIC.length).toString('latin1') === SQLITE_MAGIC;
}

type List = { readonly kind: string; readonly items?: readonly ApiObject[] };

async function readDocuments(path: string): Promise<readonly ApiObject[]> {
  const documents = parseAllDocuments(await readFile(path, 'utf8'));
  return documents.flatMap((document): readonly ApiObject[] => {
    const [error] = document.errors;
    if (error !== undefined) throw new CommandError(2, `Cannot read ${path}: ${error.message.split('\n')[0] ?? ''}`);
    const object = document.toJS() as ApiObject | List | null;
    if (object === null) return [];
    return object.kind === 'List' ? ((object as List).items ?? []) : [object as ApiObject];
  });
}

/** From a copy: opening a database may change it. */
async function readDatabase(path: string): Promise<ClusterCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-simulate-'));
  try {
    const copy = join(folder, basename(path));
    for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) await copyFile(path + suffix, copy + suffix);
    await using engine = sqliteEngine({ path: copy });
    const stored: [string, ApiObject][] = [];
    const prefixes = KINDS.map((kind) => listPrefix(kind, undefined));
    for await (const chunk of (await engine.load()).entries) {
      for (const [key, json] of chunk) {
        if (!prefixes.some((prefix) => key.startsWith(prefix))) continue;
        stored.push([key, deepFreeze(parseJsonExactly(json.toString('utf8')) as ApiObject)]);
      }
    }
    return { ...NOTHING, stored };
  } finally {
    await rm(folder, { recursive: true });
  }
}
