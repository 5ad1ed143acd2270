import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Pod } from '#api/core/pod';
import { virtualWorld } from '#base/virtual-world';
import type { ClientRequest } from '../transport.ts';
import { httpsClient } from './https-client.ts';
import { loadKubeconfig, readKubeconfig } from './kubeconfig.ts';
import { linesOf } from './lines.ts';
import { httpRequestOf } from './request-line.ts';

const signal = new AbortController().signal;
const aRequest = (rest: Partial<ClientRequest>): ClientRequest => ({
  verb: 'get',
  group: '',
  version: 'v1',
  plural: 'pods',
  options: {},
  signal,
  ...rest,
});

test('[CLT14] a request becomes method, path, query and body as the API has them', () => {
  const line = (rest: Partial<ClientRequest>): string => {
    const { method, path, contentType = '', body = '' } = httpRequestOf(aRequest(rest));
    return `${method} ${path} ${contentType} ${body}`.trim();
  };
  const named = { namespace: 'default', name: 'a/b' };
  const preconditions = { uid: 'u' };
  assert.deepEqual(
    [
      line(named),
      line({ verb: 'list', group: 'apps', plural: 'deployments', options: { labelSelector: 'a=b,c', limit: 5 } }),
      line({ verb: 'watch', namespace: 'default', options: { allowWatchBookmarks: true } }),
      line({ verb: 'create', namespace: 'default', options: { dryRun: true }, body: { a: 1 } }),
      line({ ...named, verb: 'update', subresource: 'status', body: {} }),
      line({ ...named, verb: 'patch', patchType: 'application/json-patch+json', body: [] }),
      line({ ...named, verb: 'delete', options: { gracePeriodSeconds: 0, preconditions, dryRun: true } }),
    ],
    [
      'GET /api/v1/namespaces/default/pods/a%2Fb',
      'GET /apis/apps/v1/deployments?labelSelector=a%3Db%2Cc&limit=5',
      'GET /api/v1/namespaces/default/pods?watch=true&allowWatchBookmarks=true',
      'POST /api/v1/namespaces/default/pods?dryRun=All application/json {"a":1}',
      'PUT /api/v1/namespaces/default/pods/a%2Fb/status application/json {}',
      'PATCH /api/v1/namespaces/default/pods/a%2Fb application/json-patch+json []',
      'DELETE /api/v1/namespaces/default/pods/a%2Fb?dryRun=All application/json {"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"preconditions":{"uid":"u"}}',
    ],
  );
});

test('[CLT15] a stream of bytes is cut into lines wherever its pieces end', async () => {
  const text = '{"a":"ä"}\n{"b":1}\n\n{"c":2}\n{"unfinished"';
  for (let size = 1; size < 12; size++) {
    const bytes = Buffer.from(text);
    const pieces = (async function* () {
      for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
    })();
    const lines: string[] = [];
    for await (const batch of linesOf(pieces)) lines.push(...batch);
    assert.deepEqual(lines, ['{"a":"ä"}', '{"b":1}', '{"c":2}']);
  }
});

test('[CLT16] a server that cannot be reached is an API error that names it', async () => {
  using client = httpsClient({ server: 'https://127.0.0.1:9', world: virtualWorld() });
  await assert.rejects(client.get(Pod, { namespace: 'default', name: 'a' }), {
    reason: 'ServiceUnavailable',
    message: /^Cannot reach https:\/\/127\.0\.0\.1:9: /,
  });
});

test('[CLT19] many requests at once share 64 connections', { timeout: 20_000 }, async () => {
  const held = new Set<Socket>();
  let most = 0;
  let all = 0;
  // Nobody is let go of before as many are there as shall be, and others have had their chance to come.
  const hold = async (socket: Socket): Promise<void> => {
    held.add(socket.on('error', () => undefined));
    all++;
    if (held.size !== 64 && all !== 300) return;
    for (let turns = 0; turns < 20; turns++) await turn();
    most = Math.max(most, held.size);
    for (const each of held) each.destroy();
    held.clear();
  };
  const server = createServer((socket) => void hold(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  using client = httpsClient({ server: `https://127.0.0.1:${port}`, world: virtualWorld() });
  const pod = { metadata: { namespace: 'default', name: 'a' }, spec: { containers: [] } };
  const answers = await Promise.allSettled(Array.from({ length: 300 }, () => client.create(Pod, pod)));
  server.close();
  await once(server, 'close');
  assert.deepEqual([answers.filter(({ status }) => status === 'rejected').length, all, most], [300, 300, 64]);
});

const KUBECONFIG = `
apiVersion: v1
kind: Config
current-context: here
contexts:
- {name: here, context: {cluster: one, user: me}}
- {name: there, context: {cluster: two, user: robot}}
- {name: program, context: {cluster: two, user: program}}
clusters:
- {name: one, cluster: {server: 'https://one:6443/at/-10m', certificate-authority-data: ${btoa('authority')}}}
- {name: two, cluster: {server: 'https://two:6443', insecure-skip-tls-verify: true, tls-server-name: other}}
users:
- {name: me, user: {client-certificate: me.crt, client-key-data: ${btoa('key')}}}
- {name: robot, user: {token: secret}}
- {name: program, user: {exec: {command: login}}}
`;

test('[CLT17] a kubeconfig gives server and credentials, from data or from files beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-kubeconfig-'));
  try {
    await writeFile(join(folder, 'me.crt'), 'certificate');
    await writeFile(join(folder, 'config'), KUBECONFIG);
    assert.deepEqual(await loadKubeconfig(join(folder, 'config')), {
      server: 'https://one:6443/at/-10m',
      ca: 'authority',
      cert: 'certificate',
      key: 'key',
    });
    assert.deepEqual(await readKubeconfig(KUBECONFIG, { folder, context: 'there' }), {
      server: 'https://two:6443',
      token: 'secret',
      serverName: 'other',
      skipVerify: true,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('[CLT18] a kubeconfig that cannot be used says why', async () => {
  const read = (text: string, context?: string) =>
    readKubeconfig(text, { folder: '/', ...(context === undefined ? {} : { context }) });
  await assert.rejects(read(KUBECONFIG, 'nowhere'), /Cannot read kubeconfig: it has no context "nowhere"/);
  await assert.rejects(
    read(KUBECONFIG, 'program'),
    /user "program" logs in through a program, expected a certificate or a token/,
  );
  await assert.rejects(read('kind: Config'), /it has no current context, expected one or a context to be named/);
  await assert.rejects(read('- 1'), /the file is object, expected a mapping/);
});
