import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type * as core from '#api/types/core-v1';
import { nodeClientLeaf, nodeServerLeaf } from '../pki/authority.ts';
import { anApiServer, type TestApiServer } from '#test/builders/api-server';
import { containerOf } from './pod-container.ts';

/** An agent that answers as told and remembers what it was asked, and by whom. */
class FakeAgent {
  readonly asked: string[] = [];
  readonly askers = new Set<string>();
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
  upgrade: (request: IncomingMessage, socket: Duplex) => void = (_, socket) => socket.destroy();
  readonly server: Server;

  constructor(tls: { certificate: string; key: string; ca: string }) {
    this.server = createServer({ cert: tls.certificate, key: tls.key, ca: tls.ca, requestCert: true });
    this.server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      this.#note(incoming);
      this.answer(incoming, response);
    });
    this.server.on('upgrade', (incoming: IncomingMessage, socket: Duplex) => {
      this.#note(incoming);
      this.upgrade(incoming, socket);
    });
  }

  #note(incoming: IncomingMessage): void {
    this.asked.push(`${incoming.method} ${incoming.url}`);
    this.askers.add(String((incoming.socket as TLSSocket).getPeerCertificate().subject.CN));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

let api: TestApiServer;
let agent: FakeAgent;

const post = (body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const aPod = (name: string, containers: readonly string[], nodeName?: string): object => ({
  metadata: { name },
  spec: { containers: containers.map((each) => ({ name: each, image: 'busybox' })), ...(nodeName ? { nodeName } : {}) },
});
const PODS = '/api/v1/namespaces/default/pods';

before(async () => {
  api = await anApiServer();
  const { certificate, key } = api.certificateFor(nodeServerLeaf('n1', ['127.0.0.1']));
  agent = new FakeAgent({ certificate, key, ca: api.authority.certificate });
  agent.server.listen(0, '127.0.0.1');
  await once(agent.server, 'listening');
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: agent.port } },
  };
  await api.ask('/api/v1/nodes', post({ metadata: { name: 'n1', labels: { zone: 'a' } }, status }));
  const merge = { 'content-type': 'application/merge-patch+json' };
  const body = JSON.stringify({ status });
  await api.ask('/api/v1/nodes/n1/status', { method: 'PATCH', headers: merge, body });
  for (const pod of [aPod('web', ['main'], 'n1'), aPod('two', ['a', 'b'], 'n1'), aPod('homeless', ['main'])]) {
    const { status: code, text } = await api.ask(PODS, post(pod));
    assert.equal(code, 201, text);
  }
});

after(async () => {
  await api[Symbol.asyncDispose]();
  agent.server.close();
  agent.server.closeAllConnections();
});

const messageOf = (text: string): unknown => (JSON.parse(text) as { message?: unknown }).message;

test('[AGT1] logs come from the agent of the pod, asked with the certificate of the API server', async () => {
  agent.answer = (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('line 1\nline 2\n');
  const { status, text, headers } = await api.ask2(`${PODS}/web/log?tailLines=2&follow=true&container=main&junk=1`);
  assert.deepEqual([status, text, headers['content-type']], [200, 'line 1\nline 2\n', 'text/plain']);
  assert.equal(agent.asked.at(-1), 'GET /containerLogs/default/web/main?follow=true&tailLines=2');
  assert.ok(agent.askers.has('kubernetes-admin'));
});

test('[AGT2] a followed log is passed on as it is written, and ends for the agent when the client leaves', async () => {
  const left = Promise.withResolvers<void>();
  agent.answer = (incoming, response) => {
    response.writeHead(200);
    response.write('first\n');
    incoming.on('close', () => left.resolve());
  };
  const session = api.session();
  const stream = session.request({ ':path': `${PODS}/web/log?follow=true` });
  const [chunk] = (await once(stream, 'data')) as [Buffer];
  assert.equal(chunk.toString(), 'first\n');
  stream.close();
  await left.promise;
  session.close();
});

test('[AGT3] what the agent refuses is told in its words; an agent out of reach is an internal error', async () => {
  agent.answer = (_, response) =>
    response.writeHead(400).end('container "main" in pod "web" is waiting to start: ContainerCreating\n');
  const refused = await api.ask(`${PODS}/web/log`);
  assert.deepEqual(
    [refused.status, messageOf(refused.text)],
    [400, 'container "main" in pod "web" is waiting to start: ContainerCreating'],
  );
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
  };
  await api.ask('/api/v1/nodes', post({ metadata: { name: 'gone' }, status }));
  const merge = { 'content-type': 'application/merge-patch+json' };
  await api.ask('/api/v1/nodes/gone/status', { method: 'PATCH', headers: merge, body: JSON.stringify({ status }) });
  await api.ask(PODS, post(aPod('lost', ['main'], 'gone')));
  const lost = await api.ask(`${PODS}/lost/log`);
  assert.equal(lost.status, 500);
  assert.match(String(messageOf(lost.text)), /^error dialing backend: connect ECONNREFUSED/);
});

test('[AGT4] without a name the only container is meant; of several one must be named', async () => {
  const several = await api.ask(`${PODS}/two/log`);
  assert.deepEqual(
    [several.status, messageOf(several.text)],
    [400, 'a container name must be specified for pod two, choose one of: [a b]'],
  );
  const unknown = await api.ask(`${PODS}/two/log?container=c`);
  assert.equal(messageOf(unknown.text), 'container c is not valid for pod two');
  const pod = {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'a' }, { name: 'b' }], initContainers: [{ name: 'i' }] },
  } as unknown as core.Pod;
  assert.throws(() => containerOf(pod, undefined), {
    message: 'a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]',
  });
  assert.equal(containerOf(pod, 'i'), 'i');
});

test('[AGT5] a pod without a node has no log and no terminal', async () => {
  const log = await api.ask(`${PODS}/homeless/log`);
  assert.deepEqual([log.status, log.text], [200, '']);
  const { status, text } = await upgrade(`${PODS}/homeless/exec?command=sh&stdout=true`);
  assert.deepEqual([status, messageOf(text)], [400, 'pod homeless does not have a host assigned']);
});

test('[AGT6] log options that mean nothing are refused before the agent is asked', async () => {
  const before = agent.asked.length;
  for (const query of [
    'tailLines=-1',
    'limitBytes=0',
    'sinceSeconds=0',
    'sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z',
  ]) {
    assert.equal((await api.ask(`${PODS}/web/log?${query}`)).status, 422, query);
  }
  assert.equal((await api.ask(`${PODS}/web/log?tailLines=x`)).status, 400);
  assert.equal(agent.asked.length, before);
});

type Upgraded = { readonly status: number; readonly text: string; readonly socket?: Duplex; readonly head: Buffer };

function upgrade(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Upgraded> {
  const { promise, resolve, reject } = Promise.withResolvers<Upgraded>();
  const outgoing = request({
    host: '127.0.0.1',
    port: api.server.address.port,
    path,
    method,
    headers: { connection: 'Upgrade', upgrade: 'websocket', ...headers },
    ca: api.authority.certificate,
    cert: api.admin.certificate,
    key: api.admin.key,
    agent: false,
  });
  outgoing.on('upgrade', (response, socket, head) =>
    resolve({ status: response.statusCode ?? 0, text: '', socket, head }),
  );
  outgoing.on('response', (response) => {
    let text = '';
    response.on('data', (chunk) => (text += String(chunk)));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text, head: Buffer.alloc(0) }));
  });
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

test('[AGT7] exec joins the connections of client and agent byte for byte, in both directions', async () => {
  agent.upgrade = (incoming, socket) => {
    assert.equal(incoming.headers['x-stream-protocol-version'], 'v4.channel.k8s.io');
    assert.equal(incoming.headers.authorization, undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nhello ');
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
    socket.on('end', () => socket.end());
  };
  const headers = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io', authorization: '' };
  const path = `${PODS}/web/exec?command=sh&command=-c&command=a%20b&stdin=true&stdout=true&tty=true`;
  const { status, socket, head } = await upgrade(path, headers, 'POST');
  assert.ok(status === 101 && socket !== undefined);
  let text = head.toString();
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write('world');
  while (text !== 'hello WORLD') await once(socket, 'data');
  socket.destroy();
  const uid = (JSON.parse((await api.ask(`${PODS}/web`)).text) as { metadata: { uid: string } }).metadata.uid;
  assert.equal(
    agent.asked.at(-1),
    `POST /exec/default/web/${uid}/main?input=1&output=1&tty=1&command=sh&command=-c&command=a+b`,
  );
});

test('[AGT8] attach and port-forward reach the agent by the uid of the pod', async () => {
  agent.upgrade = (_, socket) =>
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
  const uid = (JSON.parse((await api.ask(`${PODS}/web`)).text) as { metadata: { uid: string } }).metadata.uid;
  const refused = await upgrade(`${PODS}/web/attach?stdin=true&stderr=true`);
  assert.deepEqual([refused.status, refused.text], [403, 'no']);
  assert.equal(agent.asked.at(-1), `GET /attach/default/web/${uid}/main?input=1&error=1`);
  await upgrade(`${PODS}/web/portforward?ports=80&ports=443`);
  assert.equal(agent.asked.at(-1), `GET /portForward/default/web/${uid}?port=80&port=443`);
});

test('[AGT9] terminals are refused without rights, without an upgrade and without a channel', async () => {
  const { status, text } = await api.ask(`${PODS}/web/exec?stdout=true`, {
    as: api.certificateFor(nodeClientLeaf('n1')),
    headers: { connection: 'Upgrade', upgrade: 'websocket' },
  });
  assert.equal(status, 403);
  assert.match(String(messageOf(text)), /cannot get resource "pods\/exec"/);
  const plain = await api.ask(`${PODS}/web/exec?stdout=true`);
  assert.deepEqual([plain.status, messageOf(plain.text)], [400, 'Upgrade request required']);
  const none = await upgrade(`${PODS}/web/exec?command=sh`);
  assert.equal(messageOf(none.text), 'you must specify at least 1 of stdin, stdout, stderr');
  assert.equal((await upgrade(`${PODS}/web/status`)).status, 400);
});

test('[AGT12] logs come as messages to those who ask for them over WebSocket', async () => {
  agent.answer = (_, response) => {
    response.write('line 1\n');
    setImmediate(() => response.end('line 2\n'));
  };
  const { port } = api.server.address;
  const tls = { ca: api.authority.certificate, cert: api.admin.certificate, key: api.admin.key };
  for (const [protocols, decode] of [
    [['binary.k8s.io'], (data: Buffer) => data.toString()],
    [['base64.binary.k8s.io'], (data: Buffer) => Buffer.from(data.toString(), 'base64').toString()],
    [[], (data: Buffer) => data.toString()],
  ] as const) {
    const socket = new WebSocket(`wss://127.0.0.1:${port}${PODS}/web/log?follow=true`, [...protocols], tls);
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(decode(data)));
    const [code] = (await once(socket, 'close')) as [number];
    assert.deepEqual([code, messages[0], messages.join('')], [1000, '', 'line 1\nline 2\n']);
  }
  assert.equal(agent.asked.at(-1), 'GET /containerLogs/default/web/main?follow=true');
  const refused = await upgrade(`${PODS}/web/log?tailLines=-1`);
  assert.equal(refused.status, 422);
  assert.equal((await upgrade(`${PODS}/web/log`, { upgrade: 'SPDY/3.1' })).status, 400);
});

test('[AGT10] nodes/proxy passes plain requests on to the agent', async () => {
  agent.answer = (incoming, response) => {
    response.writeHead(418, { 'x-kind': 'teapot' });
    incoming.pipe(response);
  };
  const { status, text, headers } = await api.ask('/api/v1/nodes/n1/proxy/some/path?a=b', {
    method: 'POST',
    body: 'echo',
  });
  assert.deepEqual([status, text, headers['x-kind']], [418, 'echo', 'teapot']);
  assert.equal(agent.asked.at(-1), 'POST /some/path?a=b');
});

const usage = {
  timestampMs: 1_767_225_600_000,
  windowMs: 1500,
  cpuNanoCores: 2_500_000,
  memoryWorkingSetBytes: 1_048_576,
};

test('[AGT11] metrics.k8s.io tells what the agents measure of pods and nodes that exist', async () => {
  const uid = (JSON.parse((await api.ask(`${PODS}/web`)).text) as { metadata: { uid: string } }).metadata.uid;
  agent.answer = (_, response) =>
    response.end(
      JSON.stringify({
        node: usage,
        pods: [
          { namespace: 'default', name: 'web', uid, containers: [{ name: 'main', ...usage }] },
          { namespace: 'default', name: 'two', uid: 'of an older pod', containers: [{ name: 'a', ...usage }] },
          { namespace: 'default', name: 'broken' },
        ],
      }),
    );
  const nodes = JSON.parse((await api.ask('/apis/metrics.k8s.io/v1beta1/nodes')).text) as { items: unknown[] };
  assert.deepEqual(nodes.items, [
    {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'NodeMetrics',
      metadata: { name: 'n1', labels: { zone: 'a' }, creationTimestamp: '2026-01-01T00:00:00Z' },
      timestamp: '2026-01-01T00:00:00Z',
      window: '1.5s',
      usage: { cpu: '2500000n', memory: '1024Ki' },
    },
  ]);
  const path = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods';
  const pods = JSON.parse((await api.ask(path)).text) as { kind: string; items: { metadata: { name: string } }[] };
  assert.deepEqual([pods.kind, pods.items.map(({ metadata }) => metadata.name)], ['PodMetricsList', ['web']]);
  const one = JSON.parse((await api.ask(`${path}/web`)).text) as { containers: unknown[] };
  assert.deepEqual(one.containers, [{ name: 'main', usage: { cpu: '2500000n', memory: '1024Ki' } }]);
  assert.equal((await api.ask(`${path}/two`)).status, 404);
});
