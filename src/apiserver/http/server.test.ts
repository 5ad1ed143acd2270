import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createAuthority, issueLeaf, ADMIN_LEAF, nodeClientLeaf, serverLeaf } from '../pki/authority.ts';
import { type Ask, anApiServer, askHttp2, type TestApiServer } from '#test/builders/api-server';

let api: TestApiServer;
before(async () => {
  api = await anApiServer();
});
after(() => api[Symbol.asyncDispose]());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const JSON_BODY = { 'content-type': 'application/json' };
const configMap = (name: string, data: object = {}): string => JSON.stringify({ metadata: { name }, data });
const post = (body: string | Buffer, headers: Record<string, string> = JSON_BODY): Ask => ({
  method: 'POST',
  headers,
  body,
});
const messageOf = (text: string): unknown => (JSON.parse(text) as { message?: unknown }).message;

test('[SRV1] the same request gets the same answer over HTTP/1.1 and HTTP/2', async () => {
  await api.ask(CONFIG_MAPS, post(configMap('one')));
  const first = await api.ask(`${CONFIG_MAPS}/one`);
  const second = await api.ask2(`${CONFIG_MAPS}/one`);
  assert.deepEqual([first.status, first.text], [200, second.text]);
  assert.equal(second.status, 200);
  assert.equal(first.headers['content-type'], 'application/json');
  assert.equal(first.headers['cache-control'], 'no-cache, private');
});

test('[SRV2] without a certificate only health and version are answered', async () => {
  const as = 'anonymous';
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
    assert.equal((await api.ask(path, { as })).status, 200, path);
  }
  const refused = await api.ask(CONFIG_MAPS, { as });
  assert.deepEqual(JSON.parse(refused.text), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message:
      'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"',
    reason: 'Forbidden',
    details: { kind: 'configmaps' },
    code: 403,
  });
  assert.equal(
    messageOf((await api.ask('/apis', { as })).text),
    'forbidden: User "system:anonymous" cannot get path "/apis"',
  );
});

test('[SRV3] a certificate of another authority, or a bearer token, is 401', async () => {
  const now = Date.now();
  const stranger = issueLeaf(createAuthority(now), ADMIN_LEAF, now);
  const { status, text } = await api.ask('/healthz', { as: stranger });
  assert.deepEqual([status, messageOf(text)], [401, 'Unauthorized']);
  const token = await api.ask('/healthz', { as: 'anonymous', headers: { authorization: 'Bearer abc' } });
  assert.equal(token.status, 401);
});

test('[SRV4] the common name is the user, the organizations are the groups, and the certificate is told', async () => {
  const as = api.certificateFor(nodeClientLeaf('n1'));
  const body = JSON.stringify({});
  const { text } = await api.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', { ...post(body), as });
  assert.deepEqual((JSON.parse(text) as { status: unknown }).status, {
    userInfo: {
      username: 'system:node:n1',
      groups: ['system:nodes', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${sha256Of(as.certificate)}`] },
    },
  });
  assert.equal((await api.ask('/api/v1/services', { as })).status, 200);
  assert.equal((await api.ask(CONFIG_MAPS, { as })).status, 403);
});

const sha256Of = (certificate: string): string =>
  createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');

test('[SRV5] bodies are JSON or YAML; other types are 415, answers nobody can give are 406', async () => {
  const yaml = 'metadata:\n  name: from-yaml\ndata:\n  a: "1"\n';
  assert.equal((await api.ask(CONFIG_MAPS, post(yaml, { 'content-type': 'application/yaml' }))).status, 201);
  const shown = await api.ask(`${CONFIG_MAPS}/from-yaml`, { headers: { accept: 'application/yaml' } });
  assert.match(shown.text, /^apiVersion: v1|kind: ConfigMap/m);
  const bomb = 'a: &a [x, x]\nmetadata: {name: bomb}\nb: [*a, *a]\n';
  assert.equal((await api.ask(CONFIG_MAPS, post(bomb, { 'content-type': 'application/yaml' }))).status, 400);
  const wrong = await api.ask(CONFIG_MAPS, post('x', { 'content-type': 'text/plain' }));
  assert.deepEqual(
    [wrong.status, messageOf(wrong.text)],
    [
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
  );
  assert.equal((await api.ask(CONFIG_MAPS, { headers: { accept: 'image/png' } })).status, 406);
});

test('[SRV6] broken JSON, a wrong kind or version, unknown and duplicate fields are 400 and say what is wrong', async () => {
  const message = async (body: string, query = ''): Promise<unknown> => {
    const { status, text } = await api.ask(`${CONFIG_MAPS}${query}`, post(body));
    assert.equal(status, 400, text);
    return messageOf(text);
  };
  assert.equal(
    await message('{"a":'),
    'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"a":)',
  );
  assert.equal(
    await message('{"apiVersion":"apps/v1","kind":"ConfigMap"}'),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1"',
  );
  assert.equal(
    await message('{"apiVersion":"apps/v1","kind":"Deployment"}'),
    'Deployment in version "v1" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion',
  );
  assert.equal(
    await message('[]'),
    String.raw`the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b5d)`,
  );
  assert.equal(
    await message('{"metadata":{"name":"x"},"datta":{}}', '?fieldValidation=Strict'),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "datta"',
  );
  assert.equal(
    await message('{"metadata":{"name":"x","name":"y"}}', '?fieldValidation=Strict'),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "metadata.name"',
  );
  assert.match(String(await message('{"data":{"a":1}}')), /cannot unmarshal number into Go struct field/);
  assert.match(String(await message(`{"data":${'['.repeat(2000)}`)), /exceeded max depth/);
});

test('[SRV7] what is only worth a warning comes in a Warning header', async () => {
  const { status, headers } = await api.ask(CONFIG_MAPS, post('{"metadata":{"name":"warned"},"datta":{}}'));
  assert.deepEqual([status, headers.warning], [201, '299 - "unknown field \\"datta\\""']);
});

test('[SRV8] a body over 3 MiB is 413, compressed or not, announced or not', async () => {
  const big = configMap('big', { a: 'x'.repeat(4 * 1024 * 1024) });
  const message = 'Request entity too large: limit is 3145728';
  for (const ask of [api.ask, api.ask2]) {
    const { status, text } = await ask(CONFIG_MAPS, post(big));
    assert.deepEqual([status, messageOf(text)], [413, message]);
  }
  const zipped = await api.ask(CONFIG_MAPS, post(gzipSync(big), { ...JSON_BODY, 'content-encoding': 'gzip' }));
  assert.deepEqual([zipped.status, messageOf(zipped.text)], [413, message]);
});

test('[SRV9] compressed bodies are read, and large answers are compressed for those who can read that', async () => {
  const body = gzipSync(configMap('zipped', { a: 'x'.repeat(200_000) }));
  assert.equal((await api.ask(CONFIG_MAPS, post(body, { ...JSON_BODY, 'content-encoding': 'gzip' }))).status, 201);
  const large = await api.ask(`${CONFIG_MAPS}/zipped`, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(large.headers['content-encoding'], 'gzip');
  assert.equal((JSON.parse(gunzipSync(large.bytes).toString()) as { data: { a: string } }).data.a.length, 200_000);
  assert.equal((await api.ask(`${CONFIG_MAPS}/zipped`)).headers['content-encoding'], undefined);
});

test('[SRV33] a list that leaves in pieces arrives whole', async () => {
  const path = `${CONFIG_MAPS}?labelSelector=large`;
  for (let index = 0; index < 12; index++) {
    const object = { metadata: { name: `large-${index}`, labels: { large: '' } }, data: { text: 'ä'.repeat(40_000) } };
    assert.equal((await api.ask(CONFIG_MAPS, post(JSON.stringify(object)))).status, 201);
  }
  const [first, second] = [await api.ask(path), await api.ask2(path)];
  assert.equal(first.text, second.text);
  const { items } = JSON.parse(first.text) as { items: { metadata: { name: string }; data: { text: string } }[] };
  assert.deepEqual(new Set(items.map(({ data }) => data.text)), new Set(['ä'.repeat(40_000)]));
  assert.equal(items.length, 12);
  assert.equal(Number(first.headers['content-length']), Buffer.byteLength(first.text));
});

test('[SRV31] a read that waits longer than its client allows is 504; one with a timeout that is none is 400', async () => {
  const future = api.store.revision + 1000;
  const late = await api.ask(`${CONFIG_MAPS}?resourceVersion=${future}&timeout=20ms`);
  assert.deepEqual(
    [late.status, messageOf(late.text)],
    [504, 'Timeout: request did not complete within the allotted timeout'],
  );
  assert.equal((await api.ask(`${CONFIG_MAPS}?timeout=soon`)).status, 400);
});

test('[SRV10] a Table has the columns of the kind and as much of each object as was asked for', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const list = await api.ask('/api/v1/namespaces?fieldSelector=metadata.name=default', { headers: { accept } });
  const table = JSON.parse(list.text) as Table;
  assert.deepEqual([table.kind, table.apiVersion], ['Table', 'meta.k8s.io/v1']);
  assert.equal(table.columnDefinitions[0]?.name, 'Name');
  assert.equal(table.rows[0]?.cells[0], 'default');
  assert.equal(table.rows[0]?.object?.kind, 'PartialObjectMetadata');
  const none = await api.ask('/api/v1/namespaces/default?includeObject=None', { headers: { accept } });
  assert.equal((JSON.parse(none.text) as Table).rows[0]?.object, undefined);
  const whole = await api.ask('/api/v1/namespaces/default?includeObject=Object', { headers: { accept } });
  assert.equal((JSON.parse(whole.text) as Table).rows[0]?.object?.kind, 'Namespace');
  const partial = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const metadata = await api.ask('/api/v1/namespaces', { headers: { accept: partial } });
  assert.equal((JSON.parse(metadata.text) as { kind: string }).kind, 'PartialObjectMetadataList');
});

test('[SRV10] a Table of a subresource shows what the subresource returns', async () => {
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const spec = { replicas: 3, selector: { matchLabels: { app: 'a' } }, template };
  const body = JSON.stringify({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'scaled' }, spec });
  const sets = '/apis/apps/v1/namespaces/default/replicasets';
  assert.equal((await api.ask(sets, post(body, JSON_BODY))).status, 201);
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const table = JSON.parse((await api.ask(`${sets}/scaled/scale`, { headers: { accept } })).text) as Table;
  assert.deepEqual(
    table.columnDefinitions.map(({ name }) => name),
    ['Name', 'Desired', 'Available', 'Age'],
  );
  assert.deepEqual(table.rows[0]?.cells.slice(0, 3), ['scaled', 3, 0]);
  const status = JSON.parse((await api.ask(`${sets}/scaled/status`, { headers: { accept } })).text) as Table;
  assert.deepEqual(status.rows[0]?.cells.slice(0, 4), ['scaled', 3, 0, 0]);
});

type Table = {
  readonly kind: string;
  readonly apiVersion: string;
  readonly columnDefinitions: readonly { readonly name: string }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: { readonly kind: string } }[];
};

/** A watch that stands: its headers have arrived. */
async function openWatch(session: ClientHttp2Session, path: string, headers = {}): Promise<ClientHttp2Stream> {
  const stream = session.request({ ':path': path, ...headers });
  await once(stream, 'response');
  return stream;
}

async function readLines(stream: ClientHttp2Stream, count: number): Promise<readonly unknown[]> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.split('\n').length > count) break;
  }
  return text
    .split('\n')
    .slice(0, count)
    .map((line) => JSON.parse(line) as unknown);
}

test('[SRV35] what is asked for at a path with watch is a watch, and can be nothing else', async () => {
  const older = CONFIG_MAPS.replace('/api/v1/', '/api/v1/watch/');
  const events = await openWatch(api.session(), `${older}/olden`);
  await api.ask(CONFIG_MAPS, post(configMap('olden')));
  const [event] = (await readLines(events, 1)) as { type: string; object: { metadata: { name: string } } }[];
  assert.deepEqual([event?.type, event?.object.metadata.name], ['ADDED', 'olden']);
  assert.equal((await api.ask(older, post(configMap('another')))).status, 405);
});

test('[SRV11] a watch is one document a line, as Tables if asked, with the columns in the first only', async () => {
  const session = api.session();
  const path = `${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name=watched`;
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const plain = await openWatch(session, path);
  const tables = await openWatch(session, path, { accept });
  await api.ask(CONFIG_MAPS, post(configMap('watched')));
  const merge = { 'content-type': 'application/merge-patch+json' };
  await api.ask(`${CONFIG_MAPS}/watched`, { method: 'PATCH', headers: merge, body: '{"data":{"a":"b"}}' });
  const events = (await readLines(plain, 2)) as { type: string; object: { data?: object } }[];
  assert.deepEqual(
    events.map(({ type, object }) => [type, object.data]),
    [
      ['ADDED', undefined],
      ['MODIFIED', { a: 'b' }],
    ],
  );
  const rows = (await readLines(tables, 2)) as { object: Table }[];
  assert.deepEqual(
    rows.map(({ object }) => [object.kind, object.columnDefinitions === null]),
    [
      ['Table', false],
      ['Table', true],
    ],
  );
  session.close();
});

test('[SRV12] requests that proxies and servers might read differently are refused', async () => {
  const send = async (lines: readonly string[]): Promise<string> => {
    const socket = api.socket();
    socket.end(`${lines.join('\r\n')}\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text.split('\r\n')[0] ?? '';
  };
  const bad = 'HTTP/1.1 400 Bad Request';
  assert.equal(await send(['GET https://elsewhere/api HTTP/1.1', 'Host: a', 'Connection: close']), bad);
  assert.equal(await send(['GET /api HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close']), bad);
  assert.equal(await send(['GET /api HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip', 'Connection: close']), bad);
  assert.equal(await send(['GET /api HTTP/1.1', 'Host: a', 'Connection: close']), 'HTTP/1.1 200 OK');
});

test('[SRV13] a method that a resource does not have is 405, a resource that is not there 404', async () => {
  assert.equal((await api.ask(CONFIG_MAPS, { method: 'PUT', body: '{}' })).status, 405);
  assert.equal((await api.ask('/apis/nothing.example/v1/things')).status, 404);
  assert.equal((await api.ask('/nothing')).status, 404);
  const missing = await api.ask(`${CONFIG_MAPS}/missing`);
  assert.deepEqual([missing.status, messageOf(missing.text)], [404, 'configmaps "missing" not found']);
  assert.equal((await api.ask(`${CONFIG_MAPS}/%E0%A4%A`)).status, 400);
});

test('[SRV14] a removed object is answered with a Status, but pods, services and service accounts as they were', async () => {
  await api.ask(CONFIG_MAPS, post(configMap('gone')));
  const removed = JSON.parse((await api.ask(`${CONFIG_MAPS}/gone`, { method: 'DELETE' })).text) as {
    kind: string;
    details: { name: string };
  };
  assert.deepEqual([removed.kind, removed.details.name], ['Status', 'gone']);
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await api.ask(accounts, post('{"metadata":{"name":"gone"}}'));
  const account = JSON.parse(
    (await api.ask(`${accounts}/gone`, { method: 'DELETE', body: '{"propagationPolicy":"Background"}' })).text,
  ) as { kind: string };
  assert.equal(account.kind, 'ServiceAccount');
});

test('[SRV15] health tells each check when asked, one check alone, and 500 when one fails', async () => {
  assert.equal((await api.ask('/livez?verbose')).text, '[+]ping ok\n[+]etcd ok\nlivez check passed\n');
  assert.equal((await api.ask('/readyz/ping')).text, 'ok');
  assert.equal((await api.ask('/healthz/etcd')).text, 'ok');
  assert.equal((await api.ask('/readyz/nothing')).status, 404);
  let well = false;
  const check = (): void => {
    if (!well) throw new Error('disk is full');
  };
  await using sick = await anApiServer({ checks: [{ name: 'store', check }] });
  const { status, text } = await sick.ask('/readyz');
  assert.deepEqual(
    [status, text],
    [
      500,
      '[+]ping ok\n[+]etcd ok\n[-]store failed: reason withheld\n[+]poststarthook/bootstrap ok\nreadyz check failed\n',
    ],
  );
  assert.equal((await sick.ask('/livez')).status, 200);
  well = true;
  assert.equal((await sick.ask('/readyz')).status, 200);
});

test('[SRV16] a new certificate serves new connections while those that are open go on', async () => {
  const session = api.session();
  assert.equal((await askHttp2(session, '/version', {})).status, 200);
  const fingerprint = async (): Promise<string> => {
    const socket = api.socket();
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const before = await fingerprint();
  const renewed = issueLeaf(api.authority, serverLeaf(['127.0.0.1']), Date.now());
  api.server.renewCertificate({ ...renewed, clientAuthority: api.authority.certificate });
  assert.notEqual(await fingerprint(), before);
  assert.equal((await askHttp2(session, '/version', {})).status, 200);
  session.close();
});

test('[SRV17] impersonation is for those who may, and what is left is the rights of the other', async () => {
  const path = CONFIG_MAPS;
  const asBob = { 'impersonate-user': 'bob', 'impersonate-group': 'devs' };
  const refused = await api.ask(path, { headers: asBob });
  assert.match(String(messageOf(refused.text)), /^configmaps is forbidden: User "bob" cannot list/);
  assert.equal(
    (await api.ask(path, { headers: { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' } })).status,
    200,
  );
  const node = api.certificateFor(nodeClientLeaf('n1'));
  const notAllowed = await api.ask(path, { headers: asBob, as: node });
  assert.match(
    String(messageOf(notAllowed.text)),
    /^users "bob" is forbidden: User "system:node:n1" cannot impersonate resource "users"/,
  );
  assert.equal((await api.ask(path, { headers: { 'impersonate-group': 'devs' } })).status, 400);
});

test('[SRV18] closing the server ends watches and open connections', async () => {
  const closing = await anApiServer();
  const session = closing.session();
  const stream = session.request({ ':path': `${CONFIG_MAPS}?watch=true` });
  stream.on('error', () => undefined);
  await once(stream, 'response');
  const closed = once(session, 'close');
  await closing[Symbol.asyncDispose]();
  await closed;
});

test('[SRV19] a client that opens and cancels streams in a burst is cut off', async () => {
  const session = api.session();
  await once(session, 'connect');
  const closed = new Promise((resolve) => session.on('close', resolve));
  const flood = (): void => {
    for (let count = 0; count < 500 && !session.closed && !session.destroyed; count++) {
      const stream = session.request({ ':path': '/version' });
      stream.on('error', () => undefined);
      stream.close(8);
    }
    if (!session.closed && !session.destroyed) setImmediate(flood);
  };
  flood();
  await closed;
  assert.equal((await api.ask('/version')).status, 200);
});
