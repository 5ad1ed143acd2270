import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { anApiServer, type TestApiServer } from '#test/builders/api-server';
import { encodeProtobuf } from '#api/schema/protobuf-encode';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import { ExactInteger } from '#api/meta/exact-integer';

// One more than a double can tell from its neighbour, and the largest there is.
const ODD = '9007199254740993';
const MAX = '9223372036854775807';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const COUNTERS = '/apis/exact.example/v1/namespaces/default/counters';
const PODS = '/api/v1/namespaces/default/pods';

const DEFINITION = {
  metadata: { name: 'counters.exact.example' },
  spec: {
    group: 'exact.example',
    names: { plural: 'counters', kind: 'Counter' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  count: { type: 'integer', format: 'int64' },
                  few: { type: 'integer', enum: [1, 2] },
                  all: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-list-type': 'set' },
                },
              },
            },
          },
        },
        additionalPrinterColumns: [{ name: 'Count', type: 'integer', jsonPath: '.spec.count' }],
      },
    ],
  },
};

let api: TestApiServer;
before(async () => {
  api = await anApiServer();
  await send(`POST ${DEFINITIONS}`, JSON.stringify(DEFINITION));
  while ((await api.ask(COUNTERS)).status === 404) await new Promise((resolve) => setImmediate(resolve));
});
after(() => api[Symbol.asyncDispose]());

type Line = `${'POST' | 'PATCH'} ${string}`;

async function send(line: Line, body: string, type = 'application/json'): Promise<string> {
  const [method = '', path = ''] = line.split(' ');
  const { status, text } = await api.ask(path, { method, headers: { 'content-type': type }, body });
  assert.ok(status < 300, text);
  return text;
}

const counter = (name: string, count: string, all = '[]'): string =>
  `{"apiVersion":"exact.example/v1","kind":"Counter","metadata":{"name":"${name}"},"spec":{"count":${count},"all":${all}}}`;

test('[SRV32] integers of custom objects keep every digit: stored, listed, watched, in Tables and YAML', async () => {
  assert.match(await send(`POST ${COUNTERS}`, counter('a', ODD)), new RegExp(`"count":${ODD}[,}]`));
  for (const path of [`${COUNTERS}/a`, COUNTERS, `${COUNTERS}?watch=true&timeoutSeconds=1`]) {
    assert.match((await api.ask(path)).text, new RegExp(`"count":${ODD}[,}]`), path);
  }
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  assert.match((await api.ask(COUNTERS, { headers: { accept } })).text, new RegExp(`"cells":\\["a",${ODD}\\]`));
  const yaml = await api.ask(`${COUNTERS}/a`, { headers: { accept: 'application/yaml' } });
  assert.match(yaml.text, new RegExp(`count: ${ODD}\n`));
  assert.match((await api.ask(`${COUNTERS}/a?pretty=true`)).text, new RegExp(`"count": ${ODD}[,\n]`));
  const fromYaml = `metadata: {name: from-yaml}\nspec: {count: ${MAX}}\n`;
  assert.match(await send(`POST ${COUNTERS}`, fromYaml, 'application/yaml'), new RegExp(`"count":${MAX}[,}]`));
});

test('[SRV32] patches of every kind and applied configurations keep them too', async () => {
  await send(`POST ${COUNTERS}`, counter('b', '1', `[${ODD}]`));
  const patched = async (type: string, body: string): Promise<string> =>
    await send(`PATCH ${COUNTERS}/b?fieldManager=t${type.includes('apply') ? '&force=true' : ''}`, body, type);
  const merge = await patched('application/merge-patch+json', `{"spec":{"count":${ODD}}}`);
  assert.match(merge, new RegExp(`"count":${ODD}[,}]`));
  const tested = `[{"op":"test","path":"/spec/count","value":${ODD}},{"op":"replace","path":"/spec/count","value":${MAX}}]`;
  assert.match(await patched('application/json-patch+json', tested), new RegExp(`"count":${MAX}[,}]`));
  const next = '9007199254740995';
  const applied = await patched('application/apply-patch+yaml', counter('b', next, `[${ODD},${next}]`));
  assert.match(applied, new RegExp(`"count":${next}[,}]`));
  assert.match(applied, new RegExp(`"all":\\[${ODD},${next}\\]`));
  assert.match(applied, new RegExp(`"v:${next}":\\{\\}`));
});

test('[SRV32] the schema is about the exact number', async () => {
  const refused = await api.ask(COUNTERS, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"metadata":{"name":"c"},"spec":{"few":${ODD}}}`,
  });
  assert.equal(refused.status, 422);
  assert.match(refused.text, new RegExp(`spec.few: Unsupported value: ${ODD}`));
});

test('[SRV32] integers of built-in kinds keep them in JSON, patches and protobuf, and are refused beyond 64 bits', async () => {
  const pod = (name: string, seconds: string): string =>
    `{"metadata":{"name":"${name}"},"spec":{"containers":[{"name":"c","image":"i"}],"tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":${seconds}}]}}`;
  assert.match(await send(`POST ${PODS}`, pod('one', ODD)), new RegExp(`"tolerationSeconds":${ODD}[,}]`));
  const { object } = decodeProtobuf((await api.ask(`${PODS}/one`, { headers: { accept: PROTOBUF } })).bytes);
  const { tolerations } = object['spec'] as { tolerations: readonly { tolerationSeconds: unknown }[] };
  assert.deepEqual(tolerations[0]?.tolerationSeconds, new ExactInteger(BigInt(ODD)));
  const labelled = await send(
    `PATCH ${PODS}/one`,
    '{"metadata":{"labels":{"a":"b"}}}',
    'application/strategic-merge-patch+json',
  );
  assert.match(labelled, new RegExp(`"tolerationSeconds":${ODD}[,}]`));
  const again = encodeProtobuf({
    kind: { group: '', version: 'v1', kind: 'Pod' },
    object: { ...object, metadata: { name: 'two' } },
  });
  const second = await api.ask(PODS, { method: 'POST', headers: { 'content-type': PROTOBUF }, body: again });
  assert.match(second.text, new RegExp(`"tolerationSeconds":${ODD}[,}]`));
  const beyond = await api.ask(PODS, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: pod('three', '9223372036854775808'),
  });
  assert.equal(beyond.status, 400);
  assert.match(beyond.text, /json: cannot unmarshal number 9223372036854775808 into Go struct field .* of type int64/);
});
