/** The HTTPS server through which the API server reaches a node's pods: logs, exec, attach, port-forward, usage. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { asError, errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import { refuseUpgrade } from '../streams/upgrade.ts';
import { mayUse } from './peer.ts';
import { routeOf, type Route } from './routes.ts';

export type ServerTls = {
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authorities whose client certificates are believed. */
  readonly clientAuthority: string;
};

export type ServerOptions = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: ServerTls;
};

export type AgentHandlers = {
  answer(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(
    route: Route,
    request: IncomingMessage,
    stream: { readonly socket: Duplex; readonly head: Buffer },
  ): Promise<void>;
};

export type AgentServer = AsyncDisposable & {
  readonly port: number;
  /** New connections use the new certificate. */
  renew(tls: ServerTls): void;
};

export async function startAgentServer(
  { host, port, tls }: ServerOptions,
  handlers: AgentHandlers,
  logger: Logger,
): Promise<AgentServer> {
  const server = createServer({ ...material(tls), requestCert: true, rejectUnauthorized: true });
  server.on('request', (request, response) => {
    void answer(request, response, handlers).catch((error: unknown) => fail(response, error, logger));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(request, { socket, head }, handlers).catch((error: unknown) => {
      logger.warn('an upgraded connection failed', { error: asError(error) });
      socket.destroy();
    });
  });
  // A handshake that fails is its client's affair.
  server.on('tlsClientError', (error) => logger.debug('a client failed to connect', { why: error.message }));
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    renew: (next) => server.setSecureContext(material(next)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function material({ certificate, key, clientAuthority }: ServerTls) {
  return { cert: certificate, key, ca: clientAuthority, minVersion: 'TLSv1.2' } as const;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, handlers: AgentHandlers): Promise<void> {
  const route = routeOf(pathOf(request));
  if (!isAllowed(request)) return refuse(response, 403, 'Forbidden');
  if (route === undefined) return refuse(response, 404, '404 page not found');
  await handlers.answer(route, request, response);
}

type Stream = { readonly socket: Duplex; readonly head: Buffer };

async function upgrade(request: IncomingMessage, stream: Stream, handlers: AgentHandlers): Promise<void> {
  const route = routeOf(pathOf(request));
  if (!isAllowed(request)) return refuseUpgrade(stream.socket, 403, 'Forbidden');
  if (route === undefined) return refuseUpgrade(stream.socket, 404, '404 page not found');
  await handlers.upgrade(route, request, stream);
}

function isAllowed({ socket }: IncomingMessage): boolean {
  return mayUse((socket as TLSSocket).getPeerCertificate());
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/';
}

export function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}

function fail(response: ServerResponse, error: unknown, logger: Logger): void {
  logger.warn('a request failed', { error: asError(error) });
  if (response.headersSent) response.destroy();
  else refuse(response, 500, errorMessage(error));
}
