import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { define, DEFINITIONS, definitionOf, until, versionOf } from './definitions.ts';
import { aWire, type Json, type Told, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

type OpenApi = {
  readonly definitions?: Readonly<Record<string, object>>;
  readonly paths: Readonly<Record<string, object>>;
};

/** The names of the published definitions of a group: `v1.Thing`, in both versions of OpenAPI. */
async function published(group: string): Promise<{ readonly v2: readonly string[]; readonly v3: readonly string[] }> {
  const prefix = `${group.split('.').toReversed().join('.')}.`;
  const own = (names: readonly string[]): readonly string[] =>
    names
      .flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
      .filter((name) => !name.endsWith('List'));
  const v2 = (await wire.get('/openapi/v2')) as unknown as OpenApi;
  const index = (await wire.get('/openapi/v3')) as unknown as {
    readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
  };
  const addresses = Object.entries(index.paths).flatMap(([path, { serverRelativeURL }]) =>
    path.startsWith(`apis/${group}/`) ? [serverRelativeURL] : [],
  );
  const documents = await Promise.all(addresses.map((address) => wire.get(address)));
  const schemas = documents.flatMap((document) =>
    Object.keys((document as unknown as { components: { schemas: object } }).components.schemas),
  );
  return { v2: own(Object.keys(v2.definitions ?? {})).toSorted(), v3: own(schemas).toSorted() };
}

/** Waits until both versions tell exactly these. */
async function untilPublished(group: string, names: readonly string[]): Promise<void> {
  const same = (told: readonly string[]): boolean => JSON.stringify(told) === JSON.stringify(names);
  await until(
    () => published(group),
    ({ v2, v3 }) => same(v2) && same(v3),
  );
}

const withoutStorage = { rest: { storage: false } };

test('[CFM80] a watch of custom objects tells of each by name: added, modified, deleted', async () => {
  await define(wire, definitionOf('watched.test', 'noxus'));
  const path = '/apis/watched.test/v1/namespaces/default/noxus';
  const object = (name: string): object => ({ apiVersion: 'watched.test/v1', kind: 'Noxus', metadata: { name } });
  const watches = await Promise.all(
    ['a', 'b'].map((name) => wire.watch(`${path}?fieldSelector=metadata.name%3D${name}`)),
  );
  for (const name of ['a', 'b']) {
    await wire.post(path, object(name));
    await wire.patch(`${path}/${name}`, 'merge', { spec: { changed: name } });
    await wire.delete(`${path}/${name}`);
  }
  const isLast = ({ type }: Told): boolean => type === 'DELETED';
  const told = await Promise.all(watches.map((watch) => watch.until(isLast)));
  assert.deepEqual(
    told.map((events) => events.map(({ type, object: { metadata } }) => `${type} ${metadata.name}`)),
    ['a', 'b'].map((name) => [`ADDED ${name}`, `MODIFIED ${name}`, `DELETED ${name}`]),
  );
  for (const watch of watches) watch.end();
});

test('[CFM81] the status of a definition is read, and takes a condition by update and by patch', async () => {
  await define(wire, definitionOf('status.test', 'reported'));
  const path = `${DEFINITIONS}/reported.status.test/status`;
  const conditionsOf = (definition: Json): readonly { readonly type: string }[] =>
    (definition['status'] as { readonly conditions: readonly { readonly type: string }[] }).conditions;
  const current = await wire.get(path);
  assert.ok(conditionsOf(current).some(({ type }) => type === 'Established'));
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'set by a test' };
  const status = { ...(current['status'] as object), conditions: [...conditionsOf(current), condition] };
  const updated = await wire.put(path, { ...current, status });
  assert.ok(conditionsOf(updated).some(({ type }) => type === 'StatusUpdate'));
  const changed = conditionsOf(updated).map((each) => ({ ...each, message: 'patched by a test' }));
  await wire.patch(path, 'merge', { status: { conditions: changed } });
  const types = conditionsOf(await wire.get(path)).map(({ type }) => type);
  assert.ok(types.includes('StatusUpdate') && types.includes('Established'), types.join());
});

test('[CFM82] OpenAPI drops a version that is served no longer', async () => {
  const versions = [versionOf({ name: 'v5' }), versionOf({ name: 'v6alpha1', ...withoutStorage })];
  await define(wire, definitionOf('unserved.test', 'shown', versions));
  await untilPublished('unserved.test', ['v5.Shown', 'v6alpha1.Shown']);
  const operation = { op: 'replace', path: '/spec/versions/1/served', value: false };
  await wire.patch(`${DEFINITIONS}/shown.unserved.test`, 'json', [operation]);
  await untilPublished('unserved.test', ['v5.Shown']);
});

test('[CFM83] OpenAPI follows a version that gets another name', async () => {
  const versions = [versionOf({ name: 'v2' }), versionOf({ name: 'v3', ...withoutStorage })];
  await define(wire, definitionOf('renamed.test', 'shown', versions));
  await untilPublished('renamed.test', ['v2.Shown', 'v3.Shown']);
  const operation = { op: 'replace', path: '/spec/versions/1/name', value: 'v4' };
  await wire.patch(`${DEFINITIONS}/shown.renamed.test`, 'json', [operation]);
  await untilPublished('renamed.test', ['v2.Shown', 'v4.Shown']);
});

test('[CFM84] OpenAPI tells custom kinds of several groups, several kinds of one version, and several versions', async () => {
  await define(wire, definitionOf('first.test', 'shown'));
  await define(wire, definitionOf('second.test', 'shown'));
  await define(wire, definitionOf('second.test', 'other'));
  await define(wire, definitionOf('third.test', 'one', [versionOf({ name: 'v4' })]));
  await define(
    wire,
    definitionOf('third.test', 'two', [versionOf({ name: 'v5' }), versionOf({ name: 'v4', ...withoutStorage })]),
  );
  await untilPublished('first.test', ['v1.Shown']);
  await untilPublished('second.test', ['v1.Other', 'v1.Shown']);
  await untilPublished('third.test', ['v4.One', 'v4.Two', 'v5.Two']);
});

test('[CFM85] defaults of a schema are filled in when an object is made and when it is read, as the schema has them then', async () => {
  const schema = (properties: object): object => ({
    type: 'object',
    properties: { spec: { type: 'object', default: {}, properties } },
  });
  const first = schema({ a: { type: 'string', default: 'A' }, b: { type: 'string' } });
  await define(wire, definitionOf('defaulted.test', 'filled', [versionOf({ schema: first })]));
  const path = '/apis/defaulted.test/v1/namespaces/default/filled';
  await wire.post(path, { apiVersion: 'defaulted.test/v1', kind: 'Filled', metadata: { name: 'one' } });
  assert.deepEqual((await wire.get(`${path}/one`))['spec'], { a: 'A' });
  const second = schema({ a: { type: 'string', default: 'A' }, b: { type: 'string', default: 'B' } });
  const operation = { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: second };
  await wire.patch(`${DEFINITIONS}/filled.defaulted.test`, 'json', [operation]);
  await until(
    async () => (await wire.get(`${path}/one`))['spec'],
    (spec) => JSON.stringify(spec) === '{"a":"A","b":"B"}',
  );
  const third = schema({ a: { type: 'string' }, b: { type: 'string', default: 'C' } });
  await wire.patch(`${DEFINITIONS}/filled.defaulted.test`, 'json', [{ ...operation, value: third }]);
  await until(
    async () => (await wire.get(`${path}/one`))['spec'],
    (spec) => JSON.stringify(spec) === '{"a":"A","b":"C"}',
  );
});
