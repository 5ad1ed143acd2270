/** Posts JSON to a server that is none of ours, and reads its answer. */
import { Buffer } from 'node:buffer';
import { request as startPlain, type IncomingMessage } from 'node:http';
import { request as startSecure, type RequestOptions } from 'node:https';
import { readFile } from 'node:fs/promises';
import { deadlineScope } from '#base/abort';
import type { World } from '#base/world';

/** What ends in `Data` is base64 of PEM, and takes precedence over the file. */
export type PeerTls = {
  readonly insecure?: boolean;
  readonly serverName?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  readonly certData?: string;
  readonly keyData?: string;
  readonly caData?: string;
};

export type JsonPost = {
  readonly url: string;
  readonly body: unknown;
  readonly timeoutMs: number;
  readonly tls: PeerTls;
  readonly signal: AbortSignal;
};

const MOST_BYTES = 64 * 1024 * 1024;

/** Resolves with the decoded answer; rejects unless that is 200. */
export async function postJson({ url, body, timeoutMs, tls, signal }: JsonPost, { clock }: World): Promise<unknown> {
  using deadline = deadlineScope(timeoutMs, clock, signal);
  const text = Buffer.from(JSON.stringify(body));
  const target = new URL(url);
  const options: RequestOptions = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': text.length },
    signal: deadline.signal,
    ...(target.protocol === 'https:' ? await secured(tls) : {}),
  };
  const start = target.protocol === 'https:' ? startSecure : startPlain;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  start(target, options, resolve).on('error', reject).end(text);
  const response = await promise;
  const answer = await readAll(response);
  if (response.statusCode !== 200) throw new Error(`code ${String(response.statusCode)}`);
  return JSON.parse(answer) as unknown;
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** As upstream has it, a peer without an authority to check it by is trusted. */
async function secured(tls: PeerTls): Promise<RequestOptions> {
  const [ca, cert, key] = await Promise.all([
    pem(tls.caData, tls.caFile),
    pem(tls.certData, tls.certFile),
    pem(tls.keyData, tls.keyFile),
  ]);
  return {
    rejectUnauthorized: ca !== undefined && tls.insecure !== true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

async function pem(data: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  return file ? await readFile(file, 'utf8') : undefined;
}
