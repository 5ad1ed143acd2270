/** `@kubernetes/client-node` reaches into real containers: commands, streams, logs, ports, files, measures. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  Attach,
  CoreV1Api,
  Cp,
  Exec,
  Log,
  Metrics,
  PortForward,
  topNodes,
  type V1Container,
  type V1Status,
} from '@kubernetes/client-node';
import { aClientFixture, type ClientFixture } from './client-node/client-fixture.ts';
import { eventually } from './cluster.ts';

const namespace = 'default';
const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/busybox:latest'];

type Ran = { readonly stdout: string; readonly stderr: string; readonly status: V1Status };

describe('client-node and containers', { timeout: 240_000 }, () => {
  let fixture: ClientFixture;
  let core: CoreV1Api;
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'tutti-client-node-'));
    fixture = await aClientFixture({ images: IMAGES });
    core = fixture.config.makeApiClient(CoreV1Api);
    const command = ['sh', '-c', 'echo started; while read line; do echo "said $line"; done; exec sleep 1000'];
    await startPod('box', { name: 'main', image: 'busybox:1.36', command, stdin: true });
    await startPod('web', { name: 'main', image: 'nginx:1.20' });
    await fixture.cluster.kubectl('wait', 'pod', 'box', 'web', '--for=condition=Ready', '--timeout=60s');
  });

  after(async () => {
    await fixture?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  const startPod = async (name: string, container: V1Container): Promise<void> => {
    const spec = { containers: [container], restartPolicy: 'Never', terminationGracePeriodSeconds: 0 };
    await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } });
  };

  const run = async (command: readonly string[], stdin: Readable | null = null): Promise<Ran> => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const texts = Promise.all([text(out), text(err)]);
    const { promise: ended, resolve } = Promise.withResolvers<V1Status>();
    const exec = new Exec(fixture.config);
    const socket = await exec.exec(namespace, 'box', 'main', [...command], out, err, stdin, false, resolve);
    const status = await ended;
    socket.close();
    out.end();
    err.end();
    const [stdout, stderr] = await texts;
    return { stdout, stderr, status };
  };

  test('[TOOL25] a command tells its output, its errors and how it ended', async () => {
    const good = await run(['sh', '-c', 'echo out; echo err >&2']);
    assert.deepEqual([good.stdout, good.stderr, good.status.status], ['out\n', 'err\n', 'Success']);
    const { status } = await run(['sh', '-c', 'exit 7']);
    assert.deepEqual(
      [status.status, status.reason, status.details?.causes],
      ['Failure', 'NonZeroExitCode', [{ reason: 'ExitCode', message: '7' }]],
    );
    const echoed = await run(['head', '-n', '1'], Readable.from(['typed\n']));
    assert.equal(echoed.stdout, 'typed\n');
  });

  test('[TOOL25] a running container is joined', async () => {
    const [out, typed] = [new PassThrough(), new PassThrough()];
    const socket = await new Attach(fixture.config).attach(namespace, 'box', 'main', out, null, typed, false);
    const said = once(out, 'data') as Promise<[Buffer]>;
    typed.write('hello\n');
    assert.equal(String((await said)[0]), 'said hello\n');
    socket.close();
  });

  test('[TOOL25] a log is followed until its container ends', async () => {
    const command = ['sh', '-c', 'echo one; sleep 1; echo two'];
    await startPod('talker', { name: 'main', image: 'busybox:1.36', command });
    await fixture.cluster.kubectl('wait', 'pod/talker', '--for=jsonpath={.status.phase}=Running');
    const log = new PassThrough();
    await new Log(fixture.config).log(namespace, 'talker', 'main', log, { follow: true });
    assert.equal(await text(log), 'one\ntwo\n');
  });

  test('[TOOL25] a port of a pod is forwarded', async () => {
    const forward = new PortForward(fixture.config);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      void forward.portForward(namespace, 'web', [80], socket, null, socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.write('GET / HTTP/1.0\r\nConnection: close\r\n\r\n');
    let answer = '';
    client.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await eventually(async () => answer.includes('</html>'), 'the page');
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    client.destroy();
    server.close();
  });

  test('[TOOL25] files are copied there and back', async () => {
    const files = new Cp(fixture.config);
    await mkdir(join(home, 'sent'));
    await writeFile(join(home, 'sent', 'note.txt'), 'some text');
    await files.cpToPod(namespace, 'box', 'main', join(home, 'sent'), '/tmp');
    // The library does not wait for the end.
    const arrived = async (): Promise<boolean> => (await run(['cat', '/tmp/note.txt'])).stdout === 'some text';
    await eventually(arrived, 'the file in the container');
    await run(['sh', '-c', 'echo answer > /tmp/back.txt']);
    await files.cpFromPod(namespace, 'box', 'main', 'back.txt', home, '/tmp');
    const copied = async (): Promise<boolean> => (await readFile(join(home, 'back.txt'), 'utf8')) === 'answer\n';
    await eventually(copied, 'the file outside');
  });

  test('[TOOL25] what pods and nodes use is measured', async () => {
    const metrics = new Metrics(fixture.config);
    const { items } = await eventually(async () => {
      const measured = await metrics.getPodMetrics(namespace);
      return measured.items.length >= 2 && measured;
    }, 'the measures');
    for (const name of ['box', 'web']) assert.ok(items.some(({ metadata }) => metadata.name === name));
    const [node] = await topNodes(core);
    assert.ok(Number(node?.Memory.Capacity) > 0);
  });
});
