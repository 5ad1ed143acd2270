/** The demo web app: its manifests are those a user finds in `examples/demo`. */
import { readdir, readFile } from 'node:fs/promises';
import { isApiError } from '#api/errors';
import type { ApiObject, Unsaved } from '#api/object';
import { Service } from '#api/core/service';
import { findCondition } from '#api/meta/conditions';
import type { Client } from '#client/client';
import type { CommandContext } from './commands/context.ts';
import type { Cluster } from './composition.ts';
import type { DataDir } from './data-dir.ts';
import { CommandError } from './exit.ts';
import type { Progress } from './output/progress.ts';

const MANIFESTS = new URL('../../examples/demo/', import.meta.url);
const DEMO = { namespace: 'default', name: 'demo' };
const POLL_MS = 100;
const TIMEOUT_MS = 120_000;

/** Creates what is missing of the demo and waits until it serves. */
export async function deployDemo(context: CommandContext, { dir }: Cluster, progress: Progress): Promise<void> {
  using client = await context.connect(dir);
  progress.step('Deploying the demo web app');
  for (const manifest of await readManifests()) await createOnce(client, manifest);
  const { clock } = context.world;
  const deadline = clock.now() + TIMEOUT_MS;
  while (!(await isAvailable(client))) {
    if (clock.now() > deadline)
      throw new CommandError(1, `The demo does not become available: see "tutti kubectl describe pods -l app=demo"`);
    await clock.sleep(POLL_MS, context.signal);
  }
}

/** Where the demo answers; undefined when it is not deployed. */
export async function demoUrl(context: CommandContext, dir: DataDir): Promise<string | undefined> {
  using client = await context.connect(dir);
  const services = await client.list(Service, {
    namespace: DEMO.namespace,
    fieldSelector: `metadata.name=${DEMO.name}`,
  });
  const [url] = services.items.flatMap(urlsOf);
  return url;
}

function urlsOf({ spec, status }: Service): readonly string[] {
  const [port] = spec.ports ?? [];
  const published = status?.loadBalancer?.ingress ?? [];
  return port === undefined
    ? []
    : published.flatMap(({ ip }) => (ip === undefined ? [] : [`http://${ip}:${port.port}/`]));
}

async function isAvailable(client: Client): Promise<boolean> {
  const { Deployment } = await import('#api/apps/deployment');
  const [deployment, service] = await Promise.all([client.get(Deployment, DEMO), client.get(Service, DEMO)]);
  const published = (service.status?.loadBalancer?.ingress ?? []).length > 0;
  return published && findCondition(deployment.status?.conditions, 'Available')?.status === 'True';
}

// What only the demo needs is loaded for it: every other command starts a good deal sooner without.
async function readManifests(): Promise<readonly Unsaved<ApiObject>[]> {
  const { parseAllDocuments } = await import('yaml');
  const files = (await readdir(MANIFESTS)).filter((file) => file.endsWith('.yaml')).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, MANIFESTS), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Unsaved<ApiObject>));
}

async function createOnce(client: Client, manifest: Unsaved<ApiObject>): Promise<void> {
  const { KINDS } = await import('#api/kinds');
  const type = KINDS.find(({ apiVersion, kind }) => apiVersion === manifest.apiVersion && kind === manifest.kind);
  if (type === undefined) throw new TypeError(`Cannot deploy ${manifest.apiVersion} ${manifest.kind}: no such kind`);
  const metadata = type.namespaced ? { namespace: DEMO.namespace, ...manifest.metadata } : manifest.metadata;
  try {
    await client.create(type, { ...manifest, metadata });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}
