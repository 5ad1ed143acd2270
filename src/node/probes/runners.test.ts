import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { HTTPGetAction } from '#api/types/core-v1';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { createHollowRuntime } from '../runtime/hollow/hollow-runtime.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { execProbe } from './exec-probe.ts';
import { grpcHealth } from './grpc-health.ts';
import { httpGet } from './http-get.ts';
import { lifecycleHooks } from './lifecycle-hooks.ts';
import { UNPROBED } from './plan-probe.ts';
import { runProbe } from './run-probe.ts';
import { tcpSocket } from './tcp-socket.ts';

const HERE = '127.0.0.1';
const never = new AbortController().signal;

async function serving(listener: RequestListener) {
  const server = createServer(listener).listen(0, HERE);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get: (action: Partial<HTTPGetAction> = {}) =>
      httpGet({
        action: { port: 'web', ...action },
        container: { name: 'c', ports: [{ name: 'web', containerPort: port }] },
        podIp: HERE,
        signal: never,
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  await using taken = await serving(() => undefined);
  return taken.port;
}

test('[NOD75] an HTTP probe succeeds on statuses from 200 to 399', async () => {
  await using server = await serving((request, response) =>
    response.writeHead(Number(request.url?.slice(1))).end('body'),
  );
  const answers = await Promise.all([200, 302, 399, 400, 500].map((status) => server.get({ path: `/${status}` })));
  assert.deepEqual(
    answers.map(({ result }) => result[0]),
    ['S', 'S', 'S', 'F', 'F'],
  );
  assert.equal(answers[4]?.output, 'HTTP probe failed with statuscode: 500');
});

test('[NOD75] an HTTP probe sends its headers, and who it is', async () => {
  let seen: IncomingMessage['headers'] = {};
  await using server = await serving((request, response) => {
    seen = request.headers;
    response.end();
  });
  await server.get({
    httpHeaders: [
      { name: 'Host', value: 'shop.example' },
      { name: 'X-Probe', value: '1' },
    ],
  });
  assert.deepEqual(
    [seen.host, seen['x-probe'], seen['user-agent'], seen.accept],
    ['shop.example', '1', 'kube-probe/1.35', '*/*'],
  );
});

test('[NOD76] an HTTP probe follows redirects on its host, and takes one to another as a success with a warning', async () => {
  await using server = await serving((request, response) => {
    if (request.url === '/end') response.end('done');
    else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/away') response.writeHead(302, { location: 'http://elsewhere.example/' }).end();
    else response.writeHead(302, { location: '/end' }).end();
  });
  assert.deepEqual(await server.get(), { result: 'Success', output: 'done' });
  assert.match((await server.get({ path: '/away' })).warning ?? '', /terminated redirects/);
  assert.match((await server.get({ path: '/loop' })).output, /stopped after 10 redirects/);
});

test('[NOD77] a probe that cannot connect says why as upstream does', async () => {
  const port = await freePort();
  const container = { name: 'c' };
  const http = await httpGet({ action: { port, path: '/health' }, container, podIp: HERE, signal: never });
  const tcp = await tcpSocket({ action: { port }, container, podIp: HERE, signal: never });
  const refused = `dial tcp ${HERE}:${port}: connect: connection refused`;
  assert.deepEqual(
    [http, tcp],
    [
      { result: 'Failure', output: `Get "http://${HERE}:${port}/health": ${refused}` },
      { result: 'Failure', output: refused },
    ],
  );
});

test('[NOD77] a probe that gets no answer in time says so', async () => {
  await using server = await serving(() => undefined);
  const ending = new AbortController();
  const answer = httpGet({
    action: { port: server.port },
    container: { name: 'c' },
    podIp: HERE,
    signal: ending.signal,
  });
  ending.abort();
  assert.match((await answer).output, /context deadline exceeded \(Client\.Timeout exceeded while awaiting headers\)$/);
});

test('[NOD78] a TCP probe succeeds when a connection is taken', async () => {
  const server = createTcp((socket) => socket.end()).listen(0, HERE);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(
    (await tcpSocket({ action: { port }, container: { name: 'c' }, podIp: HERE, signal: never })).result,
    'Success',
  );
  server.close();
});

test('[NOD79] a gRPC probe asks for its service and succeeds when that is serving', async () => {
  const asked: string[] = [];
  const server = new Server();
  const method = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
    requestSerialize: () => Buffer.alloc(0),
    responseSerialize: (status: number) => (status === 0 ? Buffer.alloc(0) : Buffer.from([0x08, status])),
    responseDeserialize: () => 0,
  } as const;
  server.addService(
    { Check: method },
    {
      Check: (call: { request: { service: string } }, reply: (error: null, status: number) => void) => {
        asked.push(call.request.service);
        reply(null, call.request.service === 'up' ? 1 : 2);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${HERE}:0`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const ask = (service: string) =>
    grpcHealth({ action: { port, service }, podIp: HERE, timeoutMs: 1_000, signal: never });
  try {
    assert.deepEqual(await ask('up'), { result: 'Success', output: 'service healthy' });
    assert.equal((await ask('')).output, 'service unhealthy (responded with "NOT_SERVING")');
    assert.deepEqual(asked, ['up', '']);
  } finally {
    server.forceShutdown();
  }
});

const answering = (answer: () => Promise<{ exitCode: number; stdout: Buffer; stderr: Buffer }>): Runtime => ({
  ...createHollowRuntime({ world: virtualWorld(), podCidr: '198.18.1.0/24' }),
  execSync: answer,
});
const ended =
  (exitCode: number, text = '') =>
  async () => ({ exitCode, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });

test('[NOD85] a command probe succeeds with exit code 0, and fails when it takes too long', async () => {
  const ask = (runtime: Runtime) =>
    execProbe({ action: { command: ['check', 'it'] }, runtime, containerId: 'c', timeoutMs: 2_000, signal: never });
  assert.equal((await ask(answering(ended(0)))).result, 'Success');
  assert.deepEqual(await ask(answering(ended(1, 'bad'))), { result: 'Failure', output: 'bad' });
  const slow = answering(() => Promise.reject(new RuntimeError('Timeout', 'too slow')));
  assert.deepEqual(await ask(slow), { result: 'Failure', output: 'command timed out: "check it" timed out after 2s' });
});

test('[NOD86] a hook runs its command, waits, or asks, and tells what failed', async () => {
  const world = virtualWorld();
  const hook = { container: { name: 'web' }, containerId: 'c', podIp: HERE };
  const run = (runtime: Runtime, handler: object) => lifecycleHooks(runtime, world).run({ ...hook, handler }, never);
  await run(answering(ended(0)), { exec: { command: ['true'] } });
  await assert.rejects(
    run(answering(ended(3, 'oops')), { exec: { command: ['false'] } }),
    /Container "web" failed.*exited with 3: oops/,
  );
  const pausing = run(answering(ended(0)), { sleep: { seconds: 5 } });
  await world.advance(5_000);
  await pausing;
  assert.equal(world.clock.now(), virtualWorld().clock.now() + 5_000);
});

test('[NOD87] a probe runs until its verdict is final, and tells each change once', async () => {
  const world = virtualWorld();
  const ending = new AbortController();
  const codes = [1, 0, 1, 1, 1];
  const verdicts: string[] = [];
  const reports: string[] = [];
  const running = runProbe({
    kind: 'liveness',
    probe: { exec: { command: ['x'] }, periodSeconds: 1, failureThreshold: 3, initialDelaySeconds: 2 },
    container: { name: 'web' },
    containerId: 'c',
    podIp: HERE,
    startedAtMs: world.clock.now(),
    state: UNPROBED,
    extraDelayMs: 0,
    runtime: answering(async () => ({
      exitCode: codes.shift() ?? 1,
      stdout: Buffer.from('no'),
      stderr: Buffer.alloc(0),
    })),
    world,
    logger: silentLogger(),
    signal: ending.signal,
    onVerdict: (verdict) => verdicts.push(`${verdict} ${(world.clock.now() - virtualWorld().clock.now()) / 1000}s`),
    report: (reason, message) => reports.push(`${reason}: ${message}`),
  });
  await world.advance(10_000);
  await running;
  assert.deepEqual(verdicts, ['Success 3s', 'Failure 6s']);
  assert.deepEqual(
    reports,
    Array.from({ length: 4 }, () => 'Unhealthy: Liveness probe failed: no'),
  );
  assert.equal(world.pendingTimers(), 0);
});
