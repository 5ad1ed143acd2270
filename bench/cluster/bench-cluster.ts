/** A cluster as an operator starts it: by the launcher, with a data directory and a port of its own. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const LAUNCHER = fileURLToPath(new URL('../../tutti', import.meta.url));
const TIMEOUT_MS = 180_000;

export type BenchRuntime = 'hollow' | 'cri';

export interface BenchCluster extends AsyncDisposable {
  readonly dataDir: string;
  readonly kubeconfig: string;
  /** From the command's start to its end, when the node is Ready. */
  readonly upMs: number;
  /** The process that runs the cluster. */
  processId(): Promise<number>;
}

export type ClusterOptions = {
  readonly folder: string;
  readonly runtime: BenchRuntime;
  readonly signal: AbortSignal;
};

/** Resolves when `tutti up` has ended. Disposal removes all of the cluster. */
export async function startCluster({ folder, runtime, signal }: ClusterOptions): Promise<BenchCluster> {
  const dataDir = join(folder, 'cluster');
  const listen = `127.0.0.1:${await freePort()}`;
  const startMs = performance.now();
  try {
    await tutti(['up', '--no-demo', '--runtime', runtime, '--data-dir', dataDir, '--listen', listen], signal);
  } catch (error) {
    // What a failed start has left behind goes too; why it failed is what counts.
    await purge(dataDir).catch(() => undefined);
    throw error;
  }
  const upMs = performance.now() - startMs;
  return {
    dataDir,
    kubeconfig: join(dataDir, 'kubeconfig.yaml'),
    upMs,
    async processId() {
      const recorded = JSON.parse(await readFile(join(dataDir, 'tutti.pid'), 'utf8')) as { readonly pid: number };
      return recorded.pid;
    },
    [Symbol.asyncDispose]: () => purge(dataDir),
  };
}

/** Runs a command of the launcher. */
export async function tutti(words: readonly string[], signal?: AbortSignal): Promise<void> {
  const limits = { timeout: TIMEOUT_MS, killSignal: 'SIGTERM' as const };
  await run(LAUNCHER, [...words], signal === undefined ? limits : { ...limits, signal });
}

function purge(dataDir: string): Promise<void> {
  return tutti(['down', '--purge', '--data-dir', dataDir]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
