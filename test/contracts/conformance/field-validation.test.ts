import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { define, definitionOf, SPEC_SCHEMA, versionOf } from './definitions.ts';
import { aWire, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const STRICT = 'fieldValidation=Strict';
const YAML = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };

/** A deployment as text, so that it can name one field twice. */
const deployment = (metadata: string, spec: string): string => `{
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {"name": "web", ${metadata} "labels": {"app": "web"}},
  "spec": {${spec} "selector": {"matchLabels": {"app": "web"}},
    "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}}
}`;

const object = (plural: string, more: string): string => `apiVersion: fields.test/v1
kind: ${plural.charAt(0).toUpperCase()}${plural.slice(1)}
metadata:
  name: one
  finalizers:
  - fields.test/wait
${more}`;

const SPEC = `  schedule: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP`;

const objects = (plural: string): string => `/apis/fields.test/v1/namespaces/default/${plural}`;
const applying = (plural: string): string => `PATCH ${objects(plural)}/one?fieldManager=tester&${STRICT}`;

test('[CFM20] strict validation of a built-in kind names unknown and duplicate fields, however they are sent', async () => {
  const spec = '"unknownField": "foo", "replicas": 2, "replicas": 3,';
  const told = 'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"';
  const created = await wire.refused(400, `POST ${DEPLOYMENTS}?fieldManager=tester&${STRICT}`, deployment('', spec));
  assert.ok(created.includes(told), created);
  await wire.post(`${DEPLOYMENTS}?${STRICT}`, deployment('', ''));
  const patch = `PATCH ${DEPLOYMENTS}/web?${STRICT}`;
  const body = `{"spec": {${spec} "paused": true}}`;
  for (const headers of [MERGE, STRATEGIC]) {
    const message = await wire.refused(422, patch, body, headers).catch(() => wire.refused(400, patch, body, headers));
    assert.match(
      message,
      /strict decoding error: duplicate field "spec\.replicas", unknown field "spec\.unknownField"/,
    );
  }
  const unknown = await wire.refused(
    500,
    `${patch}&fieldManager=tester`,
    deployment('', '"unknownField": "foo",'),
    YAML,
  );
  assert.match(unknown, /\.spec\.unknownField: field not declared in schema/);
});

test('[CFM21] strict validation of a built-in kind looks at metadata too', async () => {
  const body = deployment('"unknownMeta": "foo",', '');
  const message = await wire.refused(400, `POST ${DEPLOYMENTS}?${STRICT}`, body);
  assert.ok(message.includes('strict decoding error: unknown field "metadata.unknownMeta"'), message);
});

test('[CFM22] a custom object that fits its schema passes strict validation', async () => {
  await define(
    wire,
    definitionOf('fields.test', 'fitting', [
      versionOf({ schema: { type: 'object', properties: { spec: SPEC_SCHEMA } } }),
    ]),
  );
  const applied = await wire.ask(applying('fitting'), object('fitting', `spec:\n  foo: foo1\n${SPEC}`), YAML);
  assert.equal(applied.status, 201, applied.body.message ?? '');
});

test('[CFM23] unknown fields of a kind without a schema pass strict validation', async () => {
  await define(wire, definitionOf('fields.test', 'loose'));
  const applied = await wire.ask(applying('loose'), object('loose', `spec:\n  unknown: uk1\n${SPEC}`), YAML);
  assert.equal(applied.status, 201, applied.body.message ?? '');
  assert.equal((applied.body['spec'] as { unknown?: string }).unknown, 'uk1');
});

test('[CFM24] unknown fields of a kind with a schema are refused, each by its path', async () => {
  await define(
    wire,
    definitionOf('fields.test', 'exact', [
      versionOf({ schema: { type: 'object', properties: { spec: SPEC_SCHEMA } } }),
    ]),
  );
  const extra = object('exact', `unknownField: unknown\nspec:\n  foo: foo1\n${SPEC}`);
  const { status, body } = await wire.ask(applying('exact'), extra, YAML);
  assert.ok(status >= 400);
  assert.match(body.message ?? '', /\.unknownField: field not declared in schema/);
  const posted = { apiVersion: 'fields.test/v1', kind: 'Exact', metadata: { name: 'two' }, spec: { foo: 'a', bar: 1 } };
  const refused = await wire.refused(400, `POST ${objects('exact')}?${STRICT}`, posted);
  assert.match(refused, /strict decoding error: unknown field "spec\.bar"/);
});

test('[CFM25] keys that stand twice are refused even where unknown fields are kept', async () => {
  const spec = { ...SPEC_SCHEMA, 'x-kubernetes-preserve-unknown-fields': true };
  await define(
    wire,
    definitionOf('fields.test', 'twice', [versionOf({ schema: { type: 'object', properties: { spec } } })]),
  );
  const doubled = object('twice', `spec:\n  unknown: uk1\n  foo: foo1\n  foo: foo2\n${SPEC}`);
  const { status, body } = await wire.ask(applying('twice'), doubled, YAML);
  assert.ok(status >= 400);
  assert.match(body.message ?? '', /line 10: key "foo" already set in map/);
  const text = '{"apiVersion":"fields.test/v1","kind":"Twice","metadata":{"name":"two"},"spec":{"foo":"a","foo":"b"}}';
  assert.match(
    await wire.refused(400, `POST ${objects('twice')}?${STRICT}`, text),
    /strict decoding error: duplicate field "spec\.foo"/,
  );
});

test('[CFM26] unknown fields in the metadata of a custom object, and of an object inside of it, are refused', async () => {
  const template = {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    properties: { metadata: { type: 'object', properties: { name: { type: 'string' } } }, spec: { type: 'object' } },
  };
  const spec = { ...SPEC_SCHEMA, properties: { ...SPEC_SCHEMA.properties, template } };
  await define(
    wire,
    definitionOf('fields.test', 'nested', [versionOf({ schema: { type: 'object', properties: { spec } } })]),
  );
  const post = `POST ${objects('nested')}?${STRICT}`;
  const typed = { apiVersion: 'fields.test/v1', kind: 'Nested' };
  const root = { ...typed, metadata: { name: 'one', unknownMeta: 'x' }, spec: {} };
  assert.match(await wire.refused(400, post, root), /unknown field "metadata\.unknownMeta"/);
  const inside = { apiVersion: 'foo/v1', kind: 'Sub', metadata: { name: 'sub', unknownSubMeta: 'x' } };
  assert.match(
    await wire.refused(400, post, { ...typed, metadata: { name: 'one' }, spec: { template: inside } }),
    /unknown field "spec\.template\.metadata\.unknownSubMeta"/,
  );
  const applied = object('nested', 'spec:\n  foo: foo1').replace(
    '  name: one\n',
    '  name: one\n  unknownMeta: unknown\n',
  );
  const { status, body } = await wire.ask(applying('nested'), applied, YAML);
  assert.ok(status >= 400);
  assert.match(body.message ?? '', /\.metadata\.unknownMeta: field not declared in schema/);
});
