/** As much of an API server as kubectl needs to reach one pod's exec, attach and port-forward. */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Runtime } from '#node/runtime/runtime';
import { handlePortForward } from '#node/streams/port-forward';
import { handleRemoteCommand } from '#node/streams/remote-command';
import type { UpgradeRequest } from '#node/streams/upgrade';

export type RemoteTarget = {
  readonly runtime: Runtime;
  readonly sandboxId: string;
  readonly containerId: string;
  /** How the container was made. */
  readonly tty: boolean;
  readonly world: World;
  readonly log: Logger;
};

export type RemoteServer = { readonly url: string; close(): void };

const POD = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'p', namespace: 'default' },
  spec: { containers: [{ name: 'c', stdin: true, tty: false }] },
  status: { phase: 'Running' },
};

const verbs = ['get', 'create'];
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs, shortNames: ['po'] }],
  },
  '/version': { major: '1', minor: '35', gitVersion: 'v1.35.0' },
};

export async function startRemoteServer(target: RemoteTarget): Promise<RemoteServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const isPod = path.endsWith('/pods/p');
    const pod = { ...POD, spec: { containers: [{ name: 'c', stdin: true, tty: target.tty }] } };
    const answer = isPod ? pod : ANSWERS[path];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(answer ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404, reason: 'NotFound' }),
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void dispatch({ request, socket, head }, target);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

async function dispatch(upgrade: UpgradeRequest, target: RemoteTarget): Promise<void> {
  const { runtime, sandboxId, containerId, world, log } = target;
  const path = (upgrade.request.url ?? '').split('?')[0] ?? '';
  if (path.endsWith('/exec')) {
    return handleRemoteCommand(upgrade, {
      kind: 'exec',
      open: (options) => runtime.openExec(containerId, options),
      world,
      log,
    });
  }
  if (path.endsWith('/attach')) {
    const open = ({ stdin }: { stdin: boolean }) => runtime.openAttach(containerId, { stdin, tty: target.tty });
    return handleRemoteCommand(upgrade, { kind: 'attach', open, world, log });
  }
  return handlePortForward(upgrade, {
    open: (port) => runtime.openPort(sandboxId, port),
    pod: 'p_default, uid u',
    log,
  });
}
