/** Answers what the agent's server is asked about its pods. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Pod } from '#api/core/pod';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import { decodeLogQuery } from '../logs/log-query.ts';
import { readLog } from '../logs/read-log.ts';
import type { PodWorker } from '../pods/pod-worker.ts';
import type { RuntimeWatch } from '../pods/runtime-watch.ts';
import type { ContainerView } from '../pods/plan/pod-state.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { NodeUsage } from '../stats/usage.ts';
import { handlePortForward } from '../streams/port-forward.ts';
import { handleRemoteCommand } from '../streams/remote-command.ts';
import { queryOf, refuseUpgrade } from '../streams/upgrade.ts';
import { refuse, type AgentHandlers } from './agent-server.ts';
import { loggedContainer, LogRefusal } from './container-log.ts';
import type { Route } from './routes.ts';

export type PodHandlersOptions = {
  readonly runtime: Runtime;
  readonly watch: RuntimeWatch;
  readonly world: World;
  readonly logger: Logger;
  readonly usage: () => Promise<NodeUsage>;
  readonly findPod: (namespace: string, name: string) => PodWorker | undefined;
  readonly pods: () => Iterable<PodWorker>;
};

type LogRoute = Extract<Route, { readonly type: 'Logs' }>;
type StreamRoute = Extract<Route, { readonly type: 'Exec' | 'Attach' | 'PortForward' }>;

export function podHandlers(options: PodHandlersOptions): AgentHandlers {
  return {
    async answer(route, request, response) {
      if (route.type === 'Health') response.end('ok');
      else if (route.type === 'Usage') sendJson(response, await options.usage());
      else if (route.type === 'Pods') sendJson(response, podList(options.pods()));
      else if (route.type === 'Logs') await sendLog(route, { request, response }, options);
      else refuse(response, 400, 'Upgrade request required');
    },
    async upgrade(route, request, { socket, head }) {
      if (route.type !== 'Exec' && route.type !== 'Attach' && route.type !== 'PortForward') {
        return refuseUpgrade(socket, 404, '404 page not found');
      }
      const worker = options.findPod(route.namespace, route.pod);
      if (worker === undefined || (route.uid !== undefined && route.uid !== worker.pod.metadata.uid)) {
        return refuseUpgrade(socket, 404, `pod "${route.namespace}/${route.pod}" not found`);
      }
      await serveStream(route, worker, { upgrade: { request, socket, head }, options });
    },
  };
}

type Streaming = {
  readonly upgrade: Parameters<typeof handleRemoteCommand>[0];
  readonly options: PodHandlersOptions;
};

async function serveStream(route: StreamRoute, worker: PodWorker, { upgrade, options }: Streaming): Promise<void> {
  const { runtime, world, logger: log } = options;
  const { metadata } = worker.pod;
  const { sandboxes, containers } = options.watch.view(metadata.uid);
  if (route.type === 'PortForward') {
    const sandbox = sandboxes.find(({ ready }) => ready);
    if (sandbox === undefined)
      return refuseUpgrade(upgrade.socket, 500, `pod "${metadata.name}" has no running sandbox`);
    const pod = `${metadata.name}_${metadata.namespace}, uid ${metadata.uid}`;
    return await handlePortForward(upgrade, { open: (port) => runtime.openPort(sandbox.id, port), pod, log });
  }
  const container = containers.find(({ name, state }) => name === route.container && state === 'Running');
  if (container === undefined) {
    return refuseUpgrade(upgrade.socket, 404, `container not found ("${route.container}")`);
  }
  const kind = route.type === 'Exec' ? 'exec' : 'attach';
  const open = route.type === 'Exec' ? openExec(runtime, container) : openAttach(runtime, container, worker.pod);
  await handleRemoteCommand(upgrade, { kind, open, world, log });
}

type Open = Parameters<typeof handleRemoteCommand>[1]['open'];

function openExec(runtime: Runtime, { id }: ContainerView): Open {
  return (options) => runtime.openExec(id, options);
}

function openAttach(runtime: Runtime, { id, name }: ContainerView, { spec }: Pod): Open {
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  const tty = all.find((each) => each.name === name)?.tty === true;
  return ({ stdin }) => runtime.openAttach(id, { tty, stdin });
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

async function sendLog(
  { namespace, pod, container }: LogRoute,
  { request, response }: Exchange,
  options: PodHandlersOptions,
): Promise<void> {
  const worker = options.findPod(namespace, pod);
  if (worker === undefined) return refuse(response, 404, `pod "${pod}" not found`);
  try {
    const query = decodeLogQuery(queryOf(request), options.world.clock.now());
    const id = loggedContainer({ name: pod, status: worker.status }, container, query.previous);
    const path = options.watch.logPath(id);
    if (path === undefined) throw new LogRefusal(`unable to retrieve container logs for ${id}`);
    const leaving = new AbortController();
    response.on('close', () => leaving.abort());
    const isRunning = (): boolean =>
      options.watch.view(worker.pod.metadata.uid).containers.some((each) => each.id === id && each.state === 'Running');
    const { world } = options;
    await stream(response, readLog({ path, query, world, signal: leaving.signal, isRunning }));
  } catch (error) {
    if (!(error instanceof LogRefusal || error instanceof RangeError)) throw error;
    refuse(response, 400, error.message);
  }
}

async function stream(response: ServerResponse, pieces: AsyncIterable<Buffer>): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain' });
  // A client that follows wants to know at once that there is a log, even while it is empty.
  response.flushHeaders();
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

function podList(workers: Iterable<PodWorker>): unknown {
  const items = [...workers].map(({ pod, status }) => ({ ...pod, status }));
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
