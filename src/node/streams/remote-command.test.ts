/** Remote commands end to end over connections in memory, with a process that is a few streams. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { PassThrough, duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { StreamSession } from '../runtime/runtime.ts';
import { handlePortForward } from './port-forward.ts';
import { handleRemoteCommand } from './remote-command.ts';
import type { RemoteCommandKind } from './remote-command.ts';
import type { RemoteOptions } from './remote-options.ts';
import { decodeRemoteOptions } from './remote-options.ts';
import { statusOf } from './remote-status.ts';
import { SpdyConnection } from './spdy/connection.ts';
import type { UpgradeRequest } from './upgrade.ts';

const world = virtualWorld();
const log = silentLogger();

test("[STR10] outcomes are told in upstream's words", () => {
  const failed = {
    type: 'Failed',
    action: 'executing command in container',
    error: new RuntimeError('Failed', 'no such file'),
  } as const;
  assert.deepEqual(statusOf({ type: 'Exited', exitCode: 0, command: ['true'] }), { metadata: {}, status: 'Success' });
  assert.deepEqual(statusOf({ type: 'Exited', exitCode: 3, command: ['sh', '-c'] }), {
    metadata: {},
    status: 'Failure',
    message: 'command terminated with non-zero exit code: error executing command [sh -c], exit code 3',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  });
  assert.deepEqual(statusOf(failed), {
    metadata: {},
    status: 'Failure',
    message: 'Internal error occurred: error executing command in container: no such file',
    reason: 'InternalError',
    details: { causes: [{ message: 'error executing command in container: no such file' }] },
    code: 500,
  });
  assert.doesNotMatch(JSON.stringify(statusOf({ ...failed, error: new Error('secret') })), /secret/);
});

test('[STR7] the query is read in the words of the API and of the agent', () => {
  const both = [
    'command=a&command=b&stdin=true&stdout=true&stderr=true',
    'command=a&command=b&input=1&output=1&error=1',
  ];
  for (const query of both) {
    const expected = { command: ['a', 'b'], stdin: true, stdout: true, stderr: true, tty: false };
    assert.deepEqual(decodeRemoteOptions(new URLSearchParams(query)), expected);
  }
  assert.deepEqual(decodeRemoteOptions(new URLSearchParams('tty=true&stdout=1&stderr=true&stdin=0')).stderr, false);
});

test('[STR7] over WebSocket, input, its end, both outputs and the exit code pass through', async () => {
  const { socket, process } = await webSocket('v5.channel.k8s.io', 'exec?command=x&stdin=true&stdout=true&stderr=true');
  socket.send(Buffer.from('\0hello'));
  socket.send(Buffer.from([255, 0]));
  assert.equal(await textOf(process.stdin), 'hello');
  process.stdout.end('out');
  process.stderr.end('bad');
  process.exit.resolve(3);
  const messages = await messagesOf(socket);
  assert.deepEqual([messages.get(1), messages.get(2)], ['out', 'bad']);
  assert.equal((JSON.parse(messages.get(3) ?? '') as { reason: string }).reason, 'NonZeroExitCode');
  assert.equal(process.closed(), true);
});

test('[STR7] over WebSocket as text, bytes are in base64', async () => {
  const { socket, process } = await webSocket('v4.base64.channel.k8s.io', 'exec?command=x&stdin=true&stdout=true');
  socket.send(`0${Buffer.from('ü').toString('base64')}`);
  const [typed] = (await process.stdin[Symbol.asyncIterator]().next()).value as unknown as [number];
  assert.equal(typed, Buffer.from('ü')[0]);
  process.stdout.end('out');
  process.exit.resolve(0);
  const texts = await textMessagesOf(socket);
  assert.deepEqual(texts, [
    '1',
    `1${Buffer.from('out').toString('base64')}`,
    `3${Buffer.from('{"metadata":{},"status":"Success"}').toString('base64')}`,
  ]);
});

test('[STR10] protocols before the fourth tell failures as text, and success by silence', async () => {
  const { socket, process } = await webSocket('channel.k8s.io', 'exec?command=x&stdout=true');
  process.stdout.end();
  process.exit.resolve(1);
  assert.match((await messagesOf(socket)).get(3) ?? '', /^command terminated with non-zero exit code/);
  const quiet = await webSocket('channel.k8s.io', 'exec?command=x&stdout=true');
  quiet.process.stdout.end();
  quiet.process.exit.resolve(0);
  assert.equal((await messagesOf(quiet.socket)).get(3), undefined);
});

test("[STR2] sizes follow the client's, and nonsense is passed over", async () => {
  const { socket, process } = await webSocket('v4.channel.k8s.io', 'exec?command=x&stdin=true&stdout=true&tty=true');
  for (const text of [
    '{"Width":80,"Height":24}',
    'nonsense',
    '{"Width":-1,"Height":2}',
    '{"Width":0,"Height":0}',
    '{"Width":132,"Height":50}',
  ]) {
    socket.send(Buffer.from(`\x04${text}`));
  }
  await untilTrue(() => process.sizes.length === 2);
  assert.deepEqual(process.sizes, [
    [80, 24],
    [132, 50],
  ]);
  socket.terminate();
});

test('[STR3] a client that leaves ends its session', async () => {
  const { socket, process, ended } = await webSocket('v5.channel.k8s.io', 'exec?command=x&stdin=true&stdout=true');
  socket.close();
  await ended;
  assert.equal(process.closed(), true);
});

test('[STR4] what cannot be opened is told to the client', async () => {
  const { socket } = await webSocket('v5.channel.k8s.io', 'exec?command=x&stdout=true', () => {
    throw new RuntimeError('NotFound', 'no such container');
  });
  assert.match((await messagesOf(socket)).get(3) ?? '', /error executing command in container: no such container/);
});

test('[STR11] an unknown protocol, no protocol and nothing to do are refused with words', async () => {
  const plain = 'GET /exec?stdout=true HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n';
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n';
  const cases = [
    [
      `${plain}Upgrade: websocket\r\n${key}Sec-WebSocket-Protocol: other\r\n\r\n`,
      /^HTTP\/1.1 403 [^]*\[other\][^]*v5\.channel\.k8s\.io/,
    ],
    [
      `${plain}Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: other\r\n\r\n`,
      /^HTTP\/1.1 403 [^]*\[other\][^]*v4\.channel\.k8s\.io/,
    ],
    [`${plain}Upgrade: other\r\n\r\n`, /^HTTP\/1.1 400 [^]*unable to upgrade/],
    [`${plain}Upgrade: websocket\r\n\r\n`, /^HTTP\/1.1 400 /],
    [
      `${plain.replace('?stdout=true', '')}Upgrade: SPDY/3.1\r\n\r\n`,
      /^HTTP\/1.1 400 [^]*at least 1 of stdin, stdout, stderr/,
    ],
  ] as const;
  for (const [request, answer] of cases) {
    const { client } = await dial('exec', aProcess());
    client.write(request);
    assert.match(await textOf(client), answer);
  }
});

test('[STR7] over SPDY, streams are known by their headers and the outcome ends the connection', async () => {
  const process = aProcess();
  const { client } = await dial('exec', process);
  const connection = await dialSpdy(client, '/exec?command=x&stdin=true&stdout=true&stderr=true', 'v4.channel.k8s.io');
  const [error, stdin, stdout, stderr] = ['error', 'stdin', 'stdout', 'stderr'].map((streamtype) =>
    connection.openStream({ streamtype }),
  );
  stdin?.end('typed');
  assert.equal(await textOf(process.stdin), 'typed');
  process.stdout.end('out');
  process.stderr.end('bad');
  process.exit.resolve(0);
  const texts = await Promise.all([error, stdout, stderr].map((stream) => eventText(stream!)));
  assert.deepEqual(texts, ['{"metadata":{},"status":"Success"}', 'out', 'bad']);
  await connection.closed;
});

test('[STR9] a SPDY client that never opens its streams is let go after a while', async () => {
  const { client, ended } = await dial('exec', aProcess());
  const connection = await dialSpdy(client, '/exec?command=x&stdout=true', 'v4.channel.k8s.io');
  connection.openStream({ streamtype: 'error' });
  await world.settle();
  await world.runUntilIdle();
  await Promise.all([ended, connection.closed]);
});

test("[STR7] ports are forwarded over SPDY and over WebSocket's channels, and complaints told", async () => {
  const { client } = await dial('portforward', aProcess());
  const connection = await dialSpdy(client, '/portforward', 'portforward.k8s.io');
  const open = (port: string, requestid: string) =>
    ['error', 'data'].map((streamtype) => connection.openStream({ streamtype, port, requestid }));
  const [error, data] = open('80', '0');
  data?.end('ping');
  assert.deepEqual(await Promise.all([eventText(data!), eventText(error!)]), ['port 80: ping', '']);
  const [complaint] = open('81', '1');
  assert.equal(await eventText(complaint!), 'error forwarding port 81 to pod p_d, uid u: refused');
  connection.close();

  const { socket } = await webSocket('v4.channel.k8s.io', 'portforward?ports=80,81');
  socket.send(Buffer.from('\0ping'));
  await untilTrue(
    () => socket.seen.some(([channel]) => channel === 3) && socket.seen.filter(([channel]) => channel === 0).length > 1,
  );
  const joined = (channel: number): string =>
    Buffer.concat(socket.seen.filter(([first]) => first === channel).map((message) => message.subarray(1))).toString(
      'latin1',
    );
  assert.deepEqual([joined(0), joined(1), joined(2)], ['P\0port 80: ping', 'P\0', 'Q\0']);
  assert.match(joined(3), /^Q\0error forwarding port 81/);
  socket.terminate();
});

type FakeProcess = StreamSession & {
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  readonly exit: Promise<number> & PromiseWithResolvers<number>;
  readonly sizes: (readonly [number, number])[];
  closed(): boolean;
};

function aProcess(): FakeProcess {
  const ending = Promise.withResolvers<number>();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const sizes: (readonly [number, number])[] = [];
  let isClosed = false;
  return {
    stdin,
    stdout,
    stderr,
    sizes,
    exit: Object.assign(ending.promise, ending),
    resize: async (columns, rows) => {
      sizes.push([columns, rows]);
    },
    close: async () => {
      isClosed = true;
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
      ending.resolve(137);
    },
    closed: () => isClosed,
  };
}

/** A pod whose port 80 repeats what it is told, and whose other ports are closed. */
async function openPort(port: number): Promise<Duplex> {
  if (port !== 80) throw new RuntimeError('Failed', 'refused');
  const [ours, theirs] = duplexPair();
  ours.write(`port ${port}: `);
  ours.pipe(ours);
  return theirs;
}

type Dialled = { readonly client: Duplex; readonly ended: Promise<void> };

/** A connection in memory to a server that knows one request. */
async function dial(
  what: RemoteCommandKind | 'portforward',
  process: FakeProcess,
  open: (options: RemoteOptions) => StreamSession = () => process,
): Promise<Dialled> {
  const [client, side] = duplexPair();
  const ending = Promise.withResolvers<void>();
  const server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const upgrade: UpgradeRequest = { request, socket, head };
    const serving =
      what === 'portforward'
        ? handlePortForward(upgrade, { open: openPort, pod: 'p_d, uid u', log })
        : handleRemoteCommand(upgrade, { kind: what, open: async (options) => open(options), world, log });
    void serving.then(ending.resolve);
  });
  server.emit('connection', side);
  return { client, ended: ending.promise };
}

type Dialogue = WebSocket & { readonly seen: Buffer[] };

/** `target` is the path's last part with its query. */
async function webSocket(
  protocol: string,
  target: string,
  open?: (options: RemoteOptions) => StreamSession,
): Promise<{ readonly socket: Dialogue; readonly process: FakeProcess; readonly ended: Promise<void> }> {
  const process = aProcess();
  const what = target.startsWith('portforward') ? 'portforward' : 'exec';
  const { client, ended } = await dial(what, process, open);
  const socket = new WebSocket(`ws://localhost/${target}`, protocol, {
    createConnection: () => client as never,
  });
  const seen: Buffer[] = [];
  socket.on('message', (data: Buffer) => seen.push(data));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket: Object.assign(socket, { seen }), process, ended };
}

async function messagesOf(socket: Dialogue): Promise<ReadonlyMap<number, string>> {
  await closeOf(socket);
  const byChannel = Map.groupBy(socket.seen, (message) => message[0] ?? -1);
  return new Map(
    [...byChannel].map(([channel, messages]) => [
      channel,
      Buffer.concat(messages.map((message) => message.subarray(1))).toString(),
    ]),
  );
}

async function textMessagesOf(socket: Dialogue): Promise<readonly string[]> {
  await closeOf(socket);
  return socket.seen.map(String);
}

function closeOf(socket: WebSocket): Promise<void> {
  if (socket.readyState === socket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}

async function dialSpdy(client: Duplex, path: string, protocol: string): Promise<SpdyConnection> {
  client.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  const answer = await new Promise<Buffer>((resolve) => {
    client.once('data', resolve);
  });
  client.pause();
  assert.match(String(answer), new RegExp(`^HTTP/1.1 101 [^]*X-Stream-Protocol-Version: ${protocol}\r\n\r\n$`));
  return new SpdyConnection(client, 'client');
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** By hand, for `for await` would end the stream's other direction as well. */
function eventText(stream: Duplex): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      text += String(chunk);
    });
    stream.once('end', () => resolve(text));
    stream.once('close', () => resolve(text));
  });
}

async function untilTrue(done: () => boolean): Promise<void> {
  while (!done()) await world.settle();
}
