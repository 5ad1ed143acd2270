/** Connections to backends: kept for the next request, checked where there is something to check them by. */
import { Agent as HttpAgent, type ClientRequest, request as requestHttp, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate, type SecureContextOptions } from 'node:tls';
import { ApiError } from '#api/errors';
import { errorMessage } from '#base/errors';
import type { World } from '#base/world';
import type { AgentTls } from '../nodes/agent-request.ts';
import type { Backend } from './backend.ts';
import type { Headers } from './proxy-headers.ts';

export type BackendRequest = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
};

/** Dispose it to close the connections that it keeps. */
export interface BackendClient extends Disposable {
  /** `single`: over a connection of its own, which may become something else. */
  open(backend: Backend, request: BackendRequest, use: 'shared' | 'single'): ClientRequest;
}

const CONNECT_MS = 30_000;

export function backendClient(tls: () => AgentTls, { clock }: World): BackendClient {
  const kept = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return {
    open({ scheme, host, port, trust }, { method, target, headers, signal }, use) {
      const options: RequestOptions = {
        host,
        port,
        method,
        path: target,
        headers: headers as Record<string, string | string[]>,
        setHost: headers['host'] === undefined,
        signal,
        agent: use === 'single' ? false : kept[scheme],
      };
      const outgoing =
        scheme === 'http' ? requestHttp(options) : requestHttps({ ...options, ...checks(host, trust, tls) });
      const deadline = clock.setTimer(CONNECT_MS, () =>
        outgoing.destroy(new Error(`dial tcp ${host}:${port}: i/o timeout`)),
      );
      const settle = (): void => deadline[Symbol.dispose]();
      outgoing.once('close', settle);
      outgoing.once('socket', (socket) => {
        if (socket.connecting) socket.once(scheme === 'http' ? 'connect' : 'secureConnect', settle);
        else settle();
      });
      return outgoing;
    },
    [Symbol.dispose]() {
      kept.http.destroy();
      kept.https.destroy();
    },
  };
}

function checks(host: string, trust: Backend['trust'], tls: () => AgentTls): SecureContextOptions & ConnectionOptions {
  // By where it leads, not by the Host header, which is the client's.
  const name = {
    servername: isIP(host) === 0 ? host : '',
    checkServerIdentity: (_name: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate),
  };
  if (trust === 'nobody') return { ...name, rejectUnauthorized: false };
  const { authority, client } = tls();
  return { ...name, ca: authority, cert: client.certificate, key: client.key };
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
  ECONNRESET: 'read: connection reset by peer',
};

/** In upstream's words, which name the address and not the system call. */
export function unreachable(error: unknown, { host, port }: Backend): ApiError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const cause = CAUSES[code];
  const what =
    cause === undefined ? errorMessage(error) : `dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}: ${cause}`;
  return new ApiError('ServiceUnavailable', `error trying to reach service: ${what}`, { cause: error });
}
