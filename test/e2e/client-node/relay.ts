/** Lets clients of the test process itself reach a cluster on a test's host, and cuts their connections when asked to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestCluster } from '../cluster.ts';

// Unix sockets, unlike addresses, are the same in every network namespace.
const PROGRAM = fileURLToPath(new URL('relay-program.ts', import.meta.url));
const API = { host: '127.0.0.1', port: '6443' };

export type Relay = AsyncDisposable & {
  /** Where the API server answers. */
  readonly server: string;
  /** Ends every open connection without a word, as a broken network does. */
  cut(): number;
};

export async function relayTo(cluster: TestCluster): Promise<Relay> {
  const path = join(cluster.dataDir, 'relay.sock');
  const command = cluster.hosts.node.command(process.execPath, [PROGRAM, path, API.host, API.port]);
  const inside = spawn(...command, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(inside.stdout, 'data');
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path, allowHalfOpen: true });
    open.add(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    far.on('close', () => near.destroy());
    near.on('close', () => {
      open.delete(near);
      far.destroy();
    });
    near.pipe(far).pipe(near);
  });
  server.listen(0, API.host);
  await once(server, 'listening');
  const cut = (): number => {
    const { size } = open;
    for (const socket of open) socket.destroy();
    return size;
  };
  return {
    server: `https://${API.host}:${(server.address() as AddressInfo).port}`,
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await ended(inside);
    },
  };
}

async function ended(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null) return;
  const exit = once(program, 'exit');
  program.stdin?.end();
  await exit;
}
