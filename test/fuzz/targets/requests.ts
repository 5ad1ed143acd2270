/** Whole requests, from the target line to the answer: the real router and pipeline, without sockets. */
import { Readable } from 'node:stream';
import type { BodyReader } from '#apiserver/http/body-reader';
import { discoveryPaths } from '#apiserver/discovery/paths';
import { currentGroups } from '#apiserver/discovery/groups';
import { type Exchange, splitTarget } from '#apiserver/http/exchange';
import { serveResource } from '#apiserver/http/resource-route';
import { createRouter } from '#apiserver/http/router';
import type { Pipeline } from '#apiserver/pipeline';
import { silentLogger } from '#base/log';
import type { World } from '#base/world';
import type { Chance } from '../chance.ts';
import type { Outcome, Target } from '../target.ts';
import { CONFIG_MAP, POD } from './samples.ts';

const TARGETS = [
  '/api/v1/namespaces/default/pods?limit=2&labelSelector=app%3Dweb',
  '/api/v1/namespaces/default/configmaps?dryRun=All&fieldValidation=Strict',
  '/api/v1/namespaces/default/configmaps/config?dryRun=All',
  '/apis/apps/v1/namespaces/default/deployments/web?resourceVersion=0',
  '/apis/apps/v1/namespaces/default/deployments/web/scale?dryRun=All',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  '/apis/apps/v1',
  '/api',
];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'get', ''];
const BODIES = [CONFIG_MAP, POD].map(({ object }) => JSON.stringify(object));
const TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml; charset=utf-8',
];

const closing = new AbortController().signal;

function headersOf(chance: Chance, length: number): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': chance.pick(TYPES),
    accept: chance.pick([...TYPES, '*/*']),
  };
  if (chance.once(3)) headers['accept'] = chance.changed(headers['accept'] ?? '');
  if (chance.once(4)) headers['content-type'] = chance.changed(headers['content-type'] ?? '');
  if (chance.once(6)) headers['content-encoding'] = chance.pick(['gzip', 'br', 'identity', 'gzip, gzip']);
  if (chance.once(6)) headers['authorization'] = `Bearer ${chance.word()}`;
  if (chance.once(6)) headers['impersonate-user'] = chance.word();
  if (chance.once(8)) headers['user-agent'] = chance.word().repeat(20);
  if (chance.once(3)) headers['content-length'] = chance.once(4) ? chance.word() : String(length);
  return headers;
}

export function requestTarget(
  { handle, resources, authorize }: Pipeline,
  { bodies, world }: { readonly bodies: BodyReader; readonly world: World },
): Target {
  const serve = createRouter({
    authenticators: [({ bearer }) => (bearer === undefined ? { name: 'root', groups: ['system:masters'] } : undefined)],
    authorize,
    log: silentLogger(),
    paths: [discoveryPaths(currentGroups(resources), '127.0.0.1:1')],
    serveResource: (asked) => serveResource({ handle, resources, bodies, world }, asked),
    streams: new Map(),
  });
  return {
    name: 'request',
    share: 2,
    async run(chance): Promise<Outcome> {
      const target = chance.changed(chance.pick(TARGETS)).replace(/watch=/g, 'w=');
      const body = chance.once(3) ? chance.changed(chance.pick(BODIES)) : chance.pick(BODIES);
      const statuses: number[] = [];
      let said = '';
      const exchange: Exchange = {
        method: chance.pick(METHODS),
        ...splitTarget(target),
        headers: headersOf(chance, Buffer.byteLength(body)),
        peer: {},
        body: Readable.from([Buffer.from(body)]),
        closing,
        signal: closing,
        respond: (status, _headers, bytes) => {
          statuses.push(status);
          said = bytes.toString();
        },
        stream: () => {
          throw new Error('a stream was not asked for');
        },
      };
      await serve(exchange);
      const [status = 0, ...more] = statuses;
      if (more.length > 0) throw new Error(`${statuses.length} answers: ${statuses.join(', ')}`);
      // What does not fit the kind of an applied configuration is, as upstream has it, a 500.
      const isPlain = status === 500 && said.includes('failed to create typed patch object');
      if ((status < 200 || status >= 500) && !isPlain) throw new Error(`${exchange.method} ${target}: ${said}`);
      return status < 400 ? 'accepted' : 'refused';
    },
  };
}
