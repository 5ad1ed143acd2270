/** Proxied requests through a real API server, to a backend that plays the agent of a node. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { anApiServer, type TestApiServer } from '#test/builders/api-server';
import { nodeServerLeaf } from '../pki/authority.ts';

let api: TestApiServer;
let backend: Server;
let answer: RequestListener = (_request, response) => response.end();
let upgrade: (request: IncomingMessage, socket: Duplex) => void = (_request, socket) => socket.destroy();

const NODE = '/api/v1/nodes/n1/proxy';
const JSON_BODY = { 'content-type': 'application/json' };

before(async () => {
  api = await anApiServer();
  const { certificate, key } = api.certificateFor(nodeServerLeaf('n1', ['127.0.0.1']));
  backend = createServer({ cert: certificate, key, ca: api.authority.certificate, requestCert: true });
  backend.on('request', (request, response) => answer(request, response));
  backend.on('upgrade', (request: IncomingMessage, socket: Duplex) => upgrade(request, socket));
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  await aNode('n1', (backend.address() as AddressInfo).port);
  await aNode('n2', 1);
});

after(async () => {
  await api[Symbol.asyncDispose]();
  backend.closeAllConnections();
  backend.close();
});

async function aNode(name: string, port: number): Promise<void> {
  const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
  const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: port } } };
  const body = JSON.stringify({ metadata: { name } });
  await api.ask('/api/v1/nodes', { method: 'POST', headers: JSON_BODY, body });
  const headers = { 'content-type': 'application/merge-patch+json' };
  await api.ask(`/api/v1/nodes/${name}/status`, { method: 'PATCH', headers, body: JSON.stringify({ status }) });
}

type Told = { readonly message?: string; readonly reason?: string; readonly code?: number };
const status = ({ text: body }: { readonly text: string }): Told => JSON.parse(body) as Told;

test('[SUB23] methods, paths, queries, bodies and headers pass through, over both versions of HTTP', async () => {
  answer = (request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request;
      response.writeHead(218, {
        'content-type': 'application/json',
        'set-cookie': ['a=1', 'b=2'],
        'access-control-allow-origin': '*',
      });
      response.end(JSON.stringify({ method, url, headers, body }));
    });
  };
  for (const ask of [api.ask, api.ask2]) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      // Node's HTTP/2 client sends no body with a DELETE.
      const isBare = method === 'GET' || method === 'OPTIONS' || (method === 'DELETE' && ask === api.ask2);
      const body = isBare ? {} : { body: `body of ${method}` };
      const secret = {
        authorization: 'Basic c2VjcmV0',
        'impersonate-user': 'r',
        'impersonate-group': 'system:masters',
      };
      const headers = { 'x-mine': 'kept', ...secret };
      const got = await ask(`${NODE}/a%2Fb/c/?q=%20+x&&y`, { method, headers, ...body });
      const seen = JSON.parse(got.text) as {
        method: string;
        url: string;
        headers: Record<string, string>;
        body: string;
      };
      assert.deepEqual([got.status, seen.method, seen.url], [218, method, '/a%2Fb/c/?q=%20+x&&y']);
      assert.equal(seen.body, 'body' in body ? body.body : '');
      assert.equal(seen.headers['x-mine'], 'kept');
      for (const name of Object.keys(secret)) assert.equal(seen.headers[name], undefined);
      assert.deepEqual(
        [seen.headers['x-forwarded-for'], seen.headers['x-forwarded-uri']],
        ['127.0.0.1', `${NODE}/a%2Fb/c/`],
      );
      assert.deepEqual(got.headers['set-cookie'], ['a=1', 'b=2']);
      assert.equal(got.headers['access-control-allow-origin'], undefined);
    }
  }
  const head = await api.ask(`${NODE}/a`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [218, '']);
});

test('[SUB24] a missing slash is added, redirections and pages lead through the proxy', async () => {
  const slash = await api.ask(`${NODE}?a=b`);
  assert.deepEqual([slash.status, slash.headers.location], [301, `${NODE}/?a=b`]);
  const page = '<a href="/next">next</a>';
  answer = (request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/new/place?x=1' }).end();
    else if (request.url === '/away') response.writeHead(302, { location: 'https://else.where/' }).end();
    else if (request.url === '/zip') {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(gzipSync(page));
    } else if (request.url === '/text') response.writeHead(200, { 'content-type': 'text/plain' }).end(page);
    else
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length }).end(page);
  };
  assert.equal((await api.ask(`${NODE}/moved`)).headers.location, `${NODE}/new/place?x=1`);
  assert.equal((await api.ask(`${NODE}/away`)).headers.location, 'https://else.where/');
  const rewritten = `<a href="${NODE}/next">next</a>`;
  assert.equal((await api.ask(`${NODE}/`)).text, rewritten);
  assert.equal((await api.ask2(`${NODE}/`)).text, rewritten);
  assert.equal(gunzipSync((await api.ask(`${NODE}/zip`)).bytes).toString(), rewritten);
  assert.equal((await api.ask(`${NODE}/text`)).text, page);
});

test('[SUB25] a change of protocol passes through in both directions', async () => {
  upgrade = (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.write(`${request.url} ${request.headers.upgrade} ${request.headers.authorization}\n`);
    socket.on('data', (chunk: Buffer) => socket.end(chunk.toString().toUpperCase()));
  };
  const socket = api.socket();
  socket.write(`GET ${NODE}/live?x HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`);
  let seen = '';
  let isSent = false;
  for await (const chunk of socket) {
    seen += String(chunk);
    if (isSent || !seen.includes('undefined\n')) continue;
    isSent = true;
    socket.write('hello');
  }
  assert.match(seen, /^HTTP\/1\.1 101 [^]*\r\n\r\n\/live\?x echo undefined\nHELLO$/);
});

test('[SUB25] a backend that refuses gets nothing more of the connection', async () => {
  let asked = 0;
  backend.removeAllListeners('upgrade');
  answer = (_request, response) => {
    asked++;
    response.writeHead(403, { 'x-why': 'no' }).end('refused');
  };
  const socket = api.socket();
  socket.write(`GET ${NODE}/live HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`);
  socket.write('GET /pods HTTP/1.1\r\nHost: n1\r\n\r\n');
  const seen = await text(socket);
  backend.on('upgrade', (request: IncomingMessage, upgraded: Duplex) => upgrade(request, upgraded));
  assert.match(seen, /^HTTP\/1\.1 403 Forbidden\r\n[^]*x-why: no\r\n[^]*refused$/);
  assert.deepEqual([asked, seen.match(/HTTP\/1\.1/g)?.length], [1, 1]);
});

test('[SUB26] a backend that cannot be reached is told as upstream does, one that breaks off is no whole answer', async () => {
  const lost = await api.ask('/api/v1/nodes/n2/proxy/x');
  const message = 'error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused';
  assert.deepEqual([lost.status, status(lost).reason, status(lost).message], [503, 'ServiceUnavailable', message]);
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('half');
    setImmediate(() => response.destroy());
  };
  await assert.rejects(api.ask(`${NODE}/half`));
  await assert.rejects(api.ask2(`${NODE}/half`));
});

test('[SUB27] the method says which right to the subresource is needed', async () => {
  answer = (_request, response) => response.end('fine');
  const rules = (verbs: readonly string[]) => [{ apiGroups: [''], resources: ['nodes/proxy'], verbs }];
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const make = (path: string, body: object) =>
    api.ask(`${rbac}/${path}`, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });
  await make('clusterroles', { metadata: { name: 'looks' }, rules: rules(['get']) });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'looks' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }];
  await make('clusterrolebindings', { metadata: { name: 'looks' }, roleRef, subjects });
  const as = api.certificateFor({ subject: { commonName: 'jane' }, use: 'client' });
  for (const method of ['GET', 'HEAD']) assert.equal((await api.ask(`${NODE}/a`, { as, method })).status, 200);
  const verbs = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
  for (const [method, verb] of Object.entries(verbs)) {
    const refused = await api.ask(`${NODE}/a`, { as, method });
    const what = `cannot ${verb} resource "nodes/proxy" in API group "" at the cluster scope`;
    assert.deepEqual([refused.status, status(refused).message], [403, `nodes "n1" is forbidden: User "jane" ${what}`]);
  }
});
