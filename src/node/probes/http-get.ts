/** One HTTP GET of a container, for probes and hooks: any certificate, few redirects, any status. */
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Container, HTTPGetAction } from '#api/types/core-v1';
import { dialFailure, hostPort, resolvePort, type Answer } from './probe-target.ts';

const MOST_REDIRECTS = 10;
const LONGEST_BODY_BYTES = 10 * 1024;
const USER_AGENT = 'kube-probe/1.35';

export type HttpTarget = {
  readonly action: HTTPGetAction;
  readonly container: Container;
  readonly podIp: string;
  readonly signal: AbortSignal;
};

type Reply = { readonly status: number; readonly location: string | undefined; readonly body: string };

/** Statuses from 200 to 399 are a success; a redirect to another host is one too, with a warning. */
export async function httpGet(target: HttpTarget): Promise<Answer> {
  const first = urlOf(target);
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const reply = await get(url, target);
    if ('failure' in reply) return { result: 'Failure', output: reply.failure };
    const { status, body, location } = reply;
    if (status < 200 || status >= 400) {
      return { result: 'Failure', output: `HTTP probe failed with statuscode: ${status}` };
    }
    if (status < 300 || location === undefined) return { result: 'Success', output: body };
    const next = new URL(location, url);
    if (next.hostname !== first.hostname) {
      return { result: 'Success', output: body, warning: `Probe terminated redirects, Response body: ${body}` };
    }
    if (redirects >= MOST_REDIRECTS) {
      return { result: 'Failure', output: `Get "${first.href}": stopped after ${MOST_REDIRECTS} redirects` };
    }
    url = next;
  }
}

function urlOf({ action, container, podIp }: HttpTarget): URL {
  const { scheme = 'HTTP', host, port, path = '/' } = action;
  const base = `${scheme.toLowerCase()}://${hostPort(host || podIp, resolvePort(port, container))}`;
  return new URL(path.startsWith('/') ? path : `/${path}`, base);
}

async function get(url: URL, target: HttpTarget): Promise<Reply | { readonly failure: string }> {
  const { signal } = target;
  try {
    const response = await send(url, target);
    const body = await bodyOf(response);
    return { status: response.statusCode ?? 0, location: response.headers.location, body };
  } catch (error) {
    const address = hostPort(
      url.hostname.replace(/^\[|\]$/g, ''),
      Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    );
    const why = signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : dialFailure(address, error);
    return { failure: `Get "${url.href}": ${why}` };
  }
}

function send(url: URL, { action, signal }: HttpTarget): Promise<IncomingMessage> {
  const headers: Record<string, string | string[]> = { 'user-agent': USER_AGENT, accept: '*/*' };
  for (const { name, value = '' } of action.httpHeaders ?? []) {
    const before = headers[name.toLowerCase()];
    const isDefault = before === USER_AGENT || before === '*/*' || before === undefined;
    headers[name.toLowerCase()] = isDefault ? value : [before, value].flat();
  }
  // A connection of its own each time: one that is kept would not tell that the port is closed.
  const options = { headers, signal, agent: false, rejectUnauthorized: false } as const;
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestSecure(url, options) : requestPlain(url, options);
    request.on('response', resolve).on('error', reject).end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length >= LONGEST_BODY_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8', 0, LONGEST_BODY_BYTES);
}
