/** `pods/exec`, `pods/attach`, `pods/portforward`: which stream of the agent a request means. Pure but for reading the store. */
import { badRequestError } from '#api/errors';
import type * as core from '#api/types/core-v1';
import type { Store } from '#store/store';
import { isTrue } from '../http/query-options.ts';
import type { ResourcePath } from '../http/request-path.ts';
import type { AgentAddress } from './agent-address.ts';
import { agentOf, findPod } from './locate.ts';
import { containerOf } from './pod-container.ts';

export type AgentStream = { readonly address: AgentAddress; readonly target: string };

const STREAMS = new Set(['exec', 'attach', 'portforward']);

export function isPodStream({ group, plural, subresource = '' }: ResourcePath): boolean {
  return group === '' && plural === 'pods' && STREAMS.has(subresource);
}

export function podStream(store: Store, path: ResourcePath, query: URLSearchParams): AgentStream {
  const { name = '', namespace = '', subresource } = path;
  const pod = findPod(store, { namespace, name });
  const target = subresource === 'portforward' ? forwardTarget(pod, query) : terminalTarget(pod, path, query);
  return { address: agentOf(store, pod), target };
}

function forwardTarget({ metadata }: core.Pod, query: URLSearchParams): string {
  const ports = new URLSearchParams(query.getAll('ports').map((port) => ['port', port]));
  return `/portForward/${pathOf([metadata.namespace ?? '', metadata.name, metadata.uid])}${suffix(ports)}`;
}

function terminalTarget(pod: core.Pod, { subresource }: ResourcePath, query: URLSearchParams): string {
  const { namespace = '', name, uid } = pod.metadata;
  const container = containerOf(pod, query.get('container') ?? undefined);
  const asked = terminalQuery(query);
  if (!['input', 'output', 'error'].some((channel) => asked.has(channel))) {
    throw badRequestError('you must specify at least 1 of stdin, stdout, stderr');
  }
  return `/${subresource}/${pathOf([namespace, name, uid, container])}${suffix(asked)}`;
}

/** The agent's names for what the API calls stdin, stdout and stderr. */
const CHANNELS = [
  ['stdin', 'input'],
  ['stdout', 'output'],
  ['stderr', 'error'],
  ['tty', 'tty'],
] as const;

function terminalQuery(query: URLSearchParams): URLSearchParams {
  const translated = new URLSearchParams();
  for (const [from, to] of CHANNELS) if (isTrue(query.get(from))) translated.set(to, '1');
  for (const part of query.getAll('command')) translated.append('command', part);
  return translated;
}

const pathOf = (segments: readonly string[]): string => segments.map(encodeURIComponent).join('/');
const suffix = (query: URLSearchParams): string => (query.size === 0 ? '' : `?${query}`);
