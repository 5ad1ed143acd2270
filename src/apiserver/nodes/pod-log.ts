/** `pods/log`: what a container has written, from the agent that keeps it. */
import type { IncomingMessage } from 'node:http';
import { ApiError, badRequestError, invalidError, type StatusReason } from '#api/errors';
import { type FieldError, forbidden, invalid } from '#api/meta/field-error';
import type { Store } from '#store/store';
import type { ResourcePath } from '../http/request-path.ts';
import type { ResourceHandler } from '../http/router.ts';
import { sendText } from '../http/respond.ts';
import type { AgentClient } from './agent-request.ts';
import { answerText, forwardAnswer } from './forward.ts';
import { agentOf, findPod } from './locate.ts';
import { containerOf } from './pod-container.ts';

export type Logs = { readonly store: Store; readonly agents: AgentClient };

const OPTIONS = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'tailLines', 'timestamps', 'limitBytes'] as const;
const REASONS: Readonly<Record<number, StatusReason>> = { 400: 'BadRequest', 404: 'NotFound', 403: 'Forbidden' };

export function podLog({ store, agents }: Logs): ResourceHandler {
  return async ({ exchange, path }) => {
    const log = await openLog({ store, agents }, { path, query: exchange.query, signal: exchange.signal });
    if (log === undefined) return sendText(exchange, 200, '');
    return await forwardAnswer(exchange, log);
  };
}

export type AskedLog = {
  readonly path: ResourcePath;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
};

/** The log as its agent sends it; undefined for a pod that was not scheduled yet, which has written nothing. Throws `ApiError`. */
export async function openLog(
  { store, agents }: Logs,
  { path, query, signal }: AskedLog,
): Promise<IncomingMessage | undefined> {
  const { name = '', namespace = '' } = path;
  requireValid(name, query);
  const pod = findPod(store, { namespace, name });
  const container = containerOf(pod, query.get('container') ?? undefined);
  if (!pod.spec?.nodeName) return undefined;
  const target = `/containerLogs/${[namespace, name, container].map(encodeURIComponent).join('/')}${agentQuery(query)}`;
  const answer = await agents.send({ address: agentOf(store, pod), method: 'GET', target, signal });
  if (answer.statusCode === 200) return answer;
  const reason = REASONS[answer.statusCode ?? 0] ?? 'InternalError';
  throw new ApiError(reason, (await answerText(answer)).trim());
}

function agentQuery(query: URLSearchParams): string {
  const kept = new URLSearchParams();
  for (const name of OPTIONS) {
    const value = query.get(name);
    if (value !== null && value !== '') kept.set(name, value);
  }
  return kept.size === 0 ? '' : `?${kept}`;
}

function requireValid(name: string, query: URLSearchParams): void {
  const errors = [...validate(query)];
  if (errors.length > 0) throw invalidError({ group: '', kind: 'PodLogOptions' }, name, errors);
}

function* validate(query: URLSearchParams): Generator<FieldError> {
  const tailLines = number(query, 'tailLines');
  if (tailLines !== undefined && tailLines < 0) {
    yield invalid('tailLines', tailLines, 'must be greater than or equal to 0');
  }
  const limitBytes = number(query, 'limitBytes');
  if (limitBytes !== undefined && limitBytes < 1) yield invalid('limitBytes', limitBytes, 'must be greater than 0');
  const sinceSeconds = number(query, 'sinceSeconds');
  if (sinceSeconds !== undefined && query.get('sinceTime')) {
    yield forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    yield invalid('sinceSeconds', sinceSeconds, 'must be greater than 0');
  }
}

function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (/^[-+]?\d{1,15}$/.test(text)) return Number(text);
  throw badRequestError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}
