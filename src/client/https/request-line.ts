/** Writes a request as HTTP has it: method, path with query, body. Pure. */
import type { PatchType, RequestOptions, Verb } from '#api/request';
import type { ClientRequest } from '../transport.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly contentType?: PatchType | 'application/json';
  readonly body?: string;
};

const METHODS: Readonly<Record<Verb, HttpRequest['method']>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

export function httpRequestOf(request: ClientRequest): HttpRequest {
  const { verb, body, patchType } = request;
  const line = { method: METHODS[verb], path: `${pathOf(request)}${queryOf(request)}` };
  if (verb === 'delete' || verb === 'deletecollection') return { ...line, ...json(deleteOptionsOf(request.options)) };
  if (verb === 'patch') return { ...line, contentType: patchType ?? MERGE, body: JSON.stringify(body) };
  return body === undefined ? line : { ...line, ...json(body) };
}

const MERGE = 'application/merge-patch+json';

function json(body: unknown): Pick<HttpRequest, 'contentType' | 'body'> {
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

function pathOf({ group, version, plural, namespace, name, subresource }: ClientRequest): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined || namespace === '' ? [] : ['namespaces', namespace];
  const parts = [
    ...scope,
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `${root}/${parts.map(encodeURIComponent).join('/')}`;
}

function queryOf({ verb, options }: ClientRequest): string {
  // How to delete travels in the body.
  const { propagationPolicy: _policy, gracePeriodSeconds: _grace, preconditions: _preconditions, ...asked } = options;
  const query = new URLSearchParams(verb === 'watch' ? { watch: 'true' } : {});
  for (const [name, value] of Object.entries(asked)) {
    if (name === 'dryRun') query.set(name, 'All');
    else query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function deleteOptionsOf({ propagationPolicy, gracePeriodSeconds, preconditions }: RequestOptions): object {
  return { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, gracePeriodSeconds, preconditions };
}
