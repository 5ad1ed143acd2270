import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { anApiServer, type Answer, type TestApiServer } from '#test/builders/api-server';
import type { JsonObject } from '#api/schema/decode';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import { encodeProtobuf } from '#api/schema/protobuf-encode';
import { ProtobufReader } from '#api/schema/protobuf-reader';
import type { GroupVersionKind } from '#api/schema/schema';

const TYPE = 'application/vnd.kubernetes.protobuf';
const headers = { accept: TYPE };
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };

let api: TestApiServer;
before(async () => {
  api = await anApiServer();
});
after(() => api[Symbol.asyncDispose]());

const post = (path: string, kind: GroupVersionKind, object: JsonObject): Promise<Answer> =>
  api.ask(path, {
    method: 'POST',
    headers: { ...headers, 'content-type': TYPE },
    body: encodeProtobuf({ kind, object }),
  });

/** Status, content type, kind, and the object without its type. */
function read({ status, headers: fields, bytes }: Answer): readonly unknown[] {
  const { kind, object } = decodeProtobuf(bytes);
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
  return [status, fields['content-type'], kind.kind, rest];
}

const named = (name: string, data = {}): JsonObject => ({ metadata: { name }, data });

test('[SRV26] objects, lists, failures, deletions and reviews are protobuf for those who ask for it', async () => {
  const created = read(await post(CONFIG_MAPS, CONFIG_MAP, named('one', { a: 'ü' })));
  assert.deepEqual([created[0], created[1], created[2]], [201, TYPE, 'ConfigMap']);
  const json = await api.ask(`${CONFIG_MAPS}/one`);
  const { apiVersion: _apiVersion, kind: _kind, ...stored } = JSON.parse(json.text) as JsonObject;
  assert.deepEqual(read(await api.ask(`${CONFIG_MAPS}/one`, { headers })), [200, TYPE, 'ConfigMap', stored]);

  const [status, type, kind, list] = read(await api.ask(`${CONFIG_MAPS}?fieldSelector=metadata.name=one`, { headers }));
  assert.deepEqual([status, type, kind], [200, TYPE, 'ConfigMapList']);
  assert.deepEqual((list as { items: unknown }).items, [stored]);

  const missing = read(await api.ask(`${CONFIG_MAPS}/missing`, { headers }));
  assert.deepEqual(missing.slice(0, 3), [404, TYPE, 'Status']);
  assert.equal((missing[3] as JsonObject)['message'], 'configmaps "missing" not found');

  const removed = read(await api.ask(`${CONFIG_MAPS}/one`, { method: 'DELETE', headers }));
  assert.deepEqual([removed[0], removed[2], (removed[3] as JsonObject)['status']], [200, 'Status', 'Success']);

  const review = { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview' };
  const asked = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
  const reviewed = read(await post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, asked));
  assert.deepEqual([reviewed[0], reviewed[2]], [201, 'SelfSubjectAccessReview']);
  assert.deepEqual(((reviewed[3] as JsonObject)['status'] as JsonObject)['allowed'], true);
});

test('[SRV26] what is asked for as metadata or scale is protobuf too, a Table never', async () => {
  await post(CONFIG_MAPS, CONFIG_MAP, named('two'));
  const as = (kind: string): { accept: string } => ({
    accept: `${TYPE};as=${kind};g=meta.k8s.io;v=v1,application/json;as=${kind};g=meta.k8s.io;v=v1`,
  });
  const one = read(await api.ask(`${CONFIG_MAPS}/two`, { headers: as('PartialObjectMetadata') }));
  assert.deepEqual([one[1], one[2]], [TYPE, 'PartialObjectMetadata']);
  const all = read(await api.ask(CONFIG_MAPS, { headers: as('PartialObjectMetadataList') }));
  assert.deepEqual([all[1], all[2]], [TYPE, 'PartialObjectMetadataList']);
  const table = await api.ask(CONFIG_MAPS, { headers: as('Table') });
  assert.equal(table.headers['content-type'], 'application/json');

  const deployment = {
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  };
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  await post(deployments, { group: 'apps', version: 'v1', kind: 'Deployment' }, deployment);
  const [, type, kind, scale] = read(await api.ask(`${deployments}/web/scale`, { headers }));
  assert.deepEqual([type, kind, (scale as JsonObject)['spec']], [TYPE, 'Scale', { replicas: 2 }]);
});

test('[SRV27] a list asked for as the metadata of one object, or the other way round, is 406 and says so', async () => {
  await post(CONFIG_MAPS, CONFIG_MAP, named('three'));
  const wanted = (kind: string) => ({ headers: { accept: `application/json;as=${kind};g=meta.k8s.io;v=v1` } });
  const answers = [
    await api.ask(CONFIG_MAPS, wanted('PartialObjectMetadata')),
    await api.ask(`${CONFIG_MAPS}/three`, wanted('PartialObjectMetadataList')),
    await api.ask(`${CONFIG_MAPS}?includeObject=Everything`, wanted('Table')),
  ];
  assert.deepEqual(
    answers.map(({ status, text }) => [status, (JSON.parse(text) as JsonObject)['message']]),
    [
      [406, 'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)'],
      [406, 'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)'],
      [
        400,
        `Unable to convert to Table as requested: includeObject: Invalid value: "Everything": must be 'Metadata', 'Object', 'None', or empty`,
      ],
    ],
  );
});

/** Type and object of each frame. */
function framesOf(bytes: Buffer): readonly (readonly [type: string, object: JsonObject])[] {
  const found: (readonly [string, JsonObject])[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const event = new ProtobufReader(bytes.subarray(at + 4, at + 4 + length));
    assert.equal(event.field(), 1);
    const type = event.string();
    assert.equal(event.field(), 2);
    event.enter();
    assert.equal(event.field(), 1);
    found.push([type, decodeProtobuf(event.bytes()).object]);
    at += 4 + length;
  }
  return found;
}

test('[SRV28] a watch in protobuf is frames of a length and an event, whole objects or their metadata', async () => {
  const session = api.session();
  const path = `${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name=seen&resourceVersion=${api.store.revision}&timeoutSeconds=1&allowWatchBookmarks=true`;
  const answers = [TYPE, `${TYPE};stream=watch;as=PartialObjectMetadata;g=meta.k8s.io;v=v1`].map(async (accept) => {
    const stream = session.request({ ':path': path, accept });
    const [fields] = (await once(stream, 'response')) as [Record<string, unknown>];
    assert.equal(fields['content-type'], `${TYPE};stream=watch`);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { chunks, ended: once(stream, 'end') };
  });
  const [whole, partial] = await Promise.all(answers);
  await post(CONFIG_MAPS, CONFIG_MAP, named('seen', { a: 'b' }));
  await api.ask(`${CONFIG_MAPS}/seen`, { method: 'DELETE' });
  assert.ok(whole !== undefined && partial !== undefined);
  await Promise.all([whole.ended, partial.ended]);
  const events = framesOf(Buffer.concat(whole.chunks));
  assert.deepEqual(
    events.map(([type, { kind, data }]) => [type, kind, data]),
    [
      ['ADDED', 'ConfigMap', { a: 'b' }],
      ['DELETED', 'ConfigMap', { a: 'b' }],
      ['BOOKMARK', 'ConfigMap', undefined],
    ],
  );
  assert.deepEqual(
    framesOf(Buffer.concat(partial.chunks)).map(([type, { kind, data }]) => [type, kind, data]),
    ['ADDED', 'DELETED', 'BOOKMARK'].map((type) => [type, 'PartialObjectMetadata', undefined]),
  );
  const yaml = await api.ask(path, { headers: { accept: 'application/yaml' } });
  assert.equal(yaml.status, 406);
  session.close();
});

test('[SRV29] YAML is read as upstream reads it: octal modes, words for true and false, no infinity', async () => {
  const yaml = { 'content-type': 'application/yaml' };
  const pod = (fields: string): string =>
    `metadata: {name: modes}\nspec:\n  containers: [{name: c, image: i}]\n${fields}`;
  const path = '/api/v1/namespaces/default/pods?dryRun=All&fieldValidation=Strict';
  const ask = (fields: string) => api.ask(path, { method: 'POST', headers: yaml, body: pod(fields) });
  const made = await ask('  hostNetwork: on\n  volumes: [{name: v, configMap: {name: x, defaultMode: 0644}}]\n');
  const { spec } = JSON.parse(made.text) as {
    spec: { hostNetwork: boolean; volumes: readonly { configMap: { defaultMode: number } }[] };
  };
  assert.deepEqual([made.status, spec.hostNetwork, spec.volumes[0]?.configMap.defaultMode], [201, true, 0o644]);
  assert.equal((await ask('  priority: .inf\n')).status, 400);
});
