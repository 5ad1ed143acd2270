/** Sends an answer: headers that every answer has, warnings, compression of what is large. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type ApiError, toStatus } from '#api/errors';
import { type Encoded, encodeStatus } from './encode-result.ts';
import type { Exchange, ResponseHeaders } from './exchange.ts';
import { parseAccept, statusFormat } from './media-type.ts';
import { lengthOf, partsOf } from './send-body.ts';

// Below this, compressing costs more than it saves; upstream draws the line at the same size.
const COMPRESS_FROM_BYTES = 128 * 1024;
const zip = promisify(gzip);

/** Headers of every answer: what the API says now may be different in a moment. */
export const COMMON_HEADERS = { 'cache-control': 'no-cache, private' } as const;

export type Answer = Encoded & {
  readonly status: number;
  readonly warnings?: readonly string[];
  readonly etag?: string;
};

export async function sendAnswer(
  exchange: Exchange,
  { status, contentType, bytes, warnings = [], etag }: Answer,
): Promise<void> {
  const headers = {
    ...COMMON_HEADERS,
    'content-type': contentType,
    ...(etag === undefined ? {} : { etag }),
    ...warningHeaders(warnings),
  };
  if (lengthOf(bytes) < COMPRESS_FROM_BYTES || !acceptsGzip(exchange)) {
    exchange.respond(status, headers, bytes);
    return;
  }
  const zipped = await zip(Buffer.concat(partsOf(bytes)), { level: 1 });
  exchange.respond(status, { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, zipped);
}

function acceptsGzip({ headers }: Exchange): boolean {
  const accepted = headers['accept-encoding'];
  return typeof accepted === 'string' && parseAccept(accepted).some(({ type }) => type === 'gzip');
}

export function warningHeaders(warnings: readonly string[]): ResponseHeaders {
  return warnings.length === 0 ? {} : { warning: warnings.map(warningHeader) };
}

/** RFC 7234 warning 299, "miscellaneous persistent warning", with the text quoted; only printable ASCII goes into a header. */
export function warningHeader(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, MAX_WARNING_LENGTH);
  return `299 - "${printable.replaceAll(/["\\]/g, '\\$&')}"`;
}

const MAX_WARNING_LENGTH = 1000;

export function sendText(exchange: Exchange, status: number, text: string): void {
  const headers = {
    ...COMMON_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  exchange.respond(status, headers, Buffer.from(text));
}

export function sendJson(exchange: Exchange, status: number, value: object): void {
  exchange.respond(
    status,
    { ...COMMON_HEADERS, 'content-type': 'application/json' },
    Buffer.from(JSON.stringify(value)),
  );
}

export function sendError(exchange: Exchange, error: ApiError): void {
  const { contentType, bytes } = encodeStatus(toStatus(error), statusFormat(exchange.headers.accept));
  const { retryAfterSeconds } = error.details ?? {};
  const headers = {
    ...COMMON_HEADERS,
    'content-type': contentType,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
  exchange.respond(error.code, headers, bytes);
}
