/** The HTTPS listener: one port for HTTP/1.1 and HTTP/2, told apart by TLS itself. */
import { createServer as createHttp1, type IncomingMessage, type Server as Http1Server } from 'node:http';
import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTls, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { isApiError } from '#api/errors';
import type { Logger } from '#base/log';
import type { Peer } from '../authn/authentication.ts';
import { peerOf } from '../authn/client-certificate.ts';
import type { Exchange } from './exchange.ts';
import { http1Exchange, refuseAmbiguous, requestOf } from './exchange-http1.ts';
import { http2Exchange } from './exchange-http2.ts';
import { sendError } from './respond.ts';

export type TlsMaterial = {
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authorities whose client certificates are believed. */
  readonly clientAuthority: string;
};

export type UpgradeRequest = Pick<Exchange, 'method' | 'path' | 'query' | 'search' | 'headers' | 'peer'> & {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  /** What arrived right behind the request's headers. */
  readonly head: Buffer;
};

export type ListenerOptions = {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMaterial;
  readonly log: Logger;
  /** Must not throw. */
  readonly serve: (exchange: Exchange) => Promise<void>;
  readonly upgrade: (request: UpgradeRequest) => Promise<void>;
};

export interface Listener extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  /** New connections use the new certificate; those that are open go on. */
  renew(tls: TlsMaterial): void;
}

// Label selectors travel in the URL and can be long.
const MAX_HEADER_BYTES = 64 * 1024;
const IDLE_MS = 120_000;
const MAX_CONCURRENT_STREAMS = 250;
// A client that opens and cancels streams faster than this is attacking (CVE-2023-44487).
const RESET_BURST = 1000;
const RESETS_PER_SECOND = 100;
// Node counts what it has queued to send against this: one large list must fit.
const MAX_SESSION_MEMORY_MB = 256;
const WINDOW_BYTES = 1024 * 1024;

export async function listen(options: ListenerOptions): Promise<Listener> {
  const listener = new TlsListener(options);
  await listener.start();
  return listener;
}

class TlsListener implements Listener {
  readonly #options: ListenerOptions;
  readonly #closing = new AbortController();
  readonly #tls: TlsServer;
  readonly #http1: Http1Server;
  readonly #sockets = new Set<Duplex>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #peers = new WeakMap<object, Peer>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#http1 = this.#createHttp1();
    this.#tls = createTls({
      ...contextOf(options.tls),
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
      requestCert: true,
      rejectUnauthorized: false, // who has no certificate may still ask for health and version, and hears 401 or 403 otherwise
    });
    this.#tls.on('secureConnection', (socket) => this.#accept(socket));
    this.#tls.on('connection', (socket) => this.#track(socket));
    this.#tls.on('tlsClientError', (error) => options.log.debug('TLS handshake failed', { error }));
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#tls.once('error', reject);
    this.#tls.listen({ host, port }, resolve);
    await promise;
    this.#tls.off('error', reject);
    this.#tls.on('error', (error) => this.#options.log.error('Listener failed', { error }));
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#tls.address() as AddressInfo;
    return { host: address, port };
  }

  renew(tls: TlsMaterial): void {
    this.#tls.setSecureContext(contextOf(tls));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new DOMException('The server is shutting down', 'AbortError'));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tls.close(() => resolve());
    for (const session of this.#sessions) session.close();
    // Give answers that are under way one turn to leave, then cut what is still open.
    await new Promise((settled) => setImmediate(settled));
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', (error) => this.#options.log.debug('Connection failed', { error }));
  }

  #accept(socket: TLSSocket): void {
    this.#track(socket);
    const peer = peerOf(socket);
    if (socket.alpnProtocol === 'h2') return this.#speakHttp2(socket, peer);
    this.#peers.set(socket, peer);
    this.#http1.emit('connection', socket);
  }

  #peerOf(socket: object | undefined): Peer {
    return (socket === undefined ? undefined : this.#peers.get(socket)) ?? {};
  }

  #createHttp1(): Http1Server {
    const server = createHttp1({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: IDLE_MS });
    server.on('request', (request, response) => {
      const opened = { peer: this.#peerOf(request.socket), closing: this.#closing.signal };
      const exchange = http1Exchange(request, response, opened);
      try {
        refuseAmbiguous(request);
      } catch (error) {
        if (isApiError(error)) sendError(exchange, error);
        response.on('finish', () => request.socket.destroySoon());
        return;
      }
      void this.#options.serve(exchange);
    });
    server.on('upgrade', (message, socket, head) => {
      void this.#options.upgrade({ ...requestOf(message, this.#peerOf(message.socket)), message, socket, head });
    });
    server.on('clientError', (error, socket) => {
      this.#options.log.debug('Malformed HTTP request', { error });
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
    return server;
  }

  #speakHttp2(socket: TLSSocket, peer: Peer): void {
    const session = performServerHandshake(socket, HTTP2_OPTIONS);
    this.#sessions.add(session);
    session.setLocalWindowSize(WINDOW_BYTES);
    session.on('close', () => this.#sessions.delete(session));
    session.on('error', (error) => this.#options.log.debug('HTTP/2 session failed', { error }));
    session.on('stream', (stream, headers) => {
      const opened = { peer, closing: this.#closing.signal };
      void this.#options.serve(http2Exchange(stream as ServerHttp2Stream, headers, opened));
    });
  }
}

const HTTP2_OPTIONS = {
  maxSessionMemory: MAX_SESSION_MEMORY_MB,
  streamResetBurst: RESET_BURST,
  streamResetRate: RESETS_PER_SECOND,
  settings: {
    maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
    initialWindowSize: WINDOW_BYTES,
    maxHeaderListSize: MAX_HEADER_BYTES,
  },
};

function contextOf({ certificate, key, clientAuthority }: TlsMaterial): { cert: string; key: string; ca: string } {
  return { cert: certificate, key, ca: clientAuthority };
}
