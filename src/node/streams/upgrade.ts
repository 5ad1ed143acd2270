/** What an HTTP server hands over when a client asks to leave HTTP, and how to answer before anything is agreed. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';

export type UpgradeRequest = {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client sent right behind its headers. */
  readonly head: Buffer;
};

export type Transport = 'websocket' | 'spdy';

/** Undefined when the client asks for neither. */
export function transportOf(request: IncomingMessage): Transport | undefined {
  const wanted = (request.headers.upgrade ?? '').toLowerCase();
  if (wanted === 'websocket') return 'websocket';
  return wanted === 'spdy/3.1' ? 'spdy' : undefined;
}

/** Answers in HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  if (!socket.writable) return;
  const body = Buffer.from(`${message}\n`);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${body.length}`,
  ];
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
}

export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://localhost').searchParams;
}
