import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { parseRows } from '../../../tools/conformance/rows.ts';
import { KindUnderTest, SERVED_KINDS, type ServedKind } from './served-kinds.ts';
import { aWire, type Json, type Told, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

/** A namespace for the objects of one test. */
async function objectsOf(kind: ServedKind, purpose: string): Promise<KindUnderTest> {
  const namespace = `${purpose}-${kind.key.replaceAll(/[^a-z0-9]/g, '-')}`.slice(0, 55);
  await wire.post('/api/v1/namespaces', { metadata: { name: namespace } });
  await wire.post(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
    metadata: { name: 'default' },
    automountServiceAccountToken: false,
  });
  return new KindUnderTest(kind, namespace);
}

/** A new object as it is once the server leaves it alone. */
async function make(tested: KindUnderTest, suffix: string): Promise<Json> {
  const created = await wire.post(tested.collection, tested.object(suffix));
  const { settled } = tested.sample;
  if (settled === undefined || settled(created)) return created;
  const { name, resourceVersion } = created.metadata;
  const watch = await wire.watch(
    `${tested.collection}?fieldSelector=metadata.name%3D${name}&resourceVersion=${resourceVersion}`,
  );
  const told = await watch.until(({ object }) => settled(object));
  watch.end();
  return told.at(-1)?.object ?? created;
}

/** The names and their items, whatever is between them. */
const namesOf = ({ items = [] }: Json): readonly string[] => items.map(({ metadata }) => metadata.name).toSorted();
const annotation = (value: string): object => ({ metadata: { annotations: { note: value } } });
const noteOf = ({ metadata }: Json): string | undefined => metadata.annotations?.['note'];

/** Whether all that is expected is there; the server may have filled in more. */
function assertHolds(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected !== 'object' || expected === null) return assert.deepEqual(actual, expected, path);
  assert.ok(typeof actual === 'object' && actual !== null, `${path} is ${JSON.stringify(actual)}`);
  const fields = actual as Readonly<Record<string, unknown>>;
  for (const [key, value] of Object.entries(expected)) assertHolds(fields[key], value, `${path}.${key}`);
}

/** Deletes an object and what keeps it. */
async function remove(tested: KindUnderTest, suffix: string): Promise<void> {
  await wire.delete(tested.path(suffix));
  await release(tested, suffix);
}

async function release(tested: KindUnderTest, suffix: string): Promise<void> {
  const { held } = tested.sample;
  if (held === 'namespace') {
    const dying = await wire.get(tested.path(suffix));
    await wire.put(tested.path(suffix, 'finalize'), { ...dying, spec: { finalizers: [] } });
  } else if (held === 'finalizers') {
    const body = { metadata: { finalizers: null } };
    const { status } = await wire.ask(`PATCH ${tested.path(suffix)}`, body, {
      'content-type': 'application/merge-patch+json',
    });
    assert.ok(status === 200 || status === 404, `release ${tested.path(suffix)}: ${status}`);
  }
}

test('[CFM1] every kind that is served has a sample, and each that the list of conformance names is served', () => {
  const without = SERVED_KINDS.filter(({ sample }) => sample === undefined).map(({ key }) => key);
  assert.deepEqual(without, [], 'add them to test/contracts/conformance/samples');
  const { rows } = parseRows(readFileSync(new URL('../../../docs/conformance.tsv', import.meta.url), 'utf8'));
  const ofKinds = /^CFM[2-7]$/;
  const named = rows.flatMap(({ proofs }) =>
    proofs.flatMap(({ rule, kase }) => (ofKinds.test(rule) ? (kase ?? []) : [])),
  );
  const served = new Set(SERVED_KINDS.map(({ key }) => key));
  assert.deepEqual(
    named.filter((key) => !served.has(key)),
    [],
  );
});

for (const kind of SERVED_KINDS.filter(({ sample }) => sample !== undefined)) {
  const { definition, key, apiVersion } = kind;

  test(`[CFM2] ${key}: discovery tells of it`, async () => {
    const groups = (await wire.get(kind.group === '' ? '/api' : '/apis')) as unknown as {
      readonly versions?: readonly string[];
      readonly groups?: readonly {
        readonly name: string;
        readonly versions: readonly { readonly groupVersion: string }[];
      }[];
    };
    const versions = groups.groups
      ?.find(({ name }) => name === kind.group)
      ?.versions.map(({ groupVersion }) => groupVersion);
    assert.ok((versions ?? groups.versions ?? []).includes(apiVersion), `${apiVersion} is not among the groups`);
    const { resources } = (await wire.get(kind.root)) as unknown as {
      readonly resources: readonly { readonly name: string }[];
    };
    const told = resources.find(({ name }) => name === definition.plural);
    const expected = {
      kind: definition.kind,
      namespaced: definition.namespaced,
      singularName: definition.singular,
      verbs: definition.verbs,
    };
    assertHolds(told, expected, key);
    const hasStatus = resources.some(({ name }) => name === `${definition.plural}/status`);
    assert.equal(hasStatus, definition.hasStatus, 'status subresource');
  });

  test(`[CFM3] ${key}: is created, read, listed by label, name and namespace, and shown as a table`, async () => {
    const tested = await objectsOf(kind, 'read');
    const dry = await wire.post(`${tested.collection}?dryRun=All`, tested.object('a'));
    assert.equal(dry.metadata.name, tested.nameOf('a'));
    await wire.refused(404, `GET ${tested.path('a')}`);
    for (const suffix of ['a', 'b', 'c']) {
      const created = await wire.post(`${tested.collection}?fieldValidation=Strict`, tested.object(suffix));
      assertHolds(created, tested.object(suffix), key);
      const { uid, creationTimestamp, resourceVersion } = created.metadata;
      assert.ok(uid && creationTimestamp && resourceVersion, 'what the server gives');
      assert.deepEqual([created.apiVersion, created.kind], [apiVersion, definition.kind]);
    }
    await wire.refused(409, `POST ${tested.collection}`, tested.object('a'));
    const unknown = await wire.refused(400, `POST ${tested.collection}?fieldValidation=Strict`, {
      ...tested.object('d'),
      unknownField: 1,
    });
    assert.match(unknown, /strict decoding error: unknown field "unknownField"/);
    const names = ['a', 'b', 'c'].map((suffix) => tested.nameOf(suffix)).toSorted();
    const list = await wire.get(tested.selected);
    assert.deepEqual([list.kind, list.apiVersion], [`${definition.kind}List`, apiVersion]);
    assert.deepEqual(namesOf(list), names);
    assert.deepEqual(
      namesOf(await wire.get(`${tested.everywhere}?labelSelector=test-of%3D${tested.namespace}`)),
      names,
    );
    assert.deepEqual(namesOf(await wire.get(`${tested.selected}%2Cmissing`)), []);
    const named = await wire.get(`${tested.collection}?fieldSelector=metadata.name%3D${tested.nameOf('b')}`);
    assert.deepEqual(namesOf(named), [tested.nameOf('b')]);
    const table = (await wire.get(tested.selected, 'application/json;as=Table;v=v1;g=meta.k8s.io')) as unknown as {
      readonly columnDefinitions: readonly unknown[];
      readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: Json }[];
    };
    assert.deepEqual(
      table.rows.map(({ cells, object }) => [object.metadata.name, cells.length]),
      names.map((name) => [name, table.columnDefinitions.length]),
    );
    const partial = await wire.get(tested.selected, 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io');
    assert.deepEqual([partial.kind, namesOf(partial)], ['PartialObjectMetadataList', names]);
  });

  test(`[CFM4] ${key}: is patched in four ways and updated, and a watch tells each change and each removal`, async () => {
    const tested = await objectsOf(kind, 'write');
    const { metadata } = await wire.get(tested.selected);
    const watch = await wire.watch(`${tested.selected}&resourceVersion=${metadata.resourceVersion}`);
    const created = await make(tested, 'a');
    await make(tested, 'b');
    const path = tested.path('a');
    assert.equal(noteOf(await wire.patch(path, 'merge', annotation('merged'))), 'merged');
    assert.equal(noteOf(await wire.patch(path, 'strategic-merge', annotation('strategic'))), 'strategic');
    const operation = { op: 'replace', path: '/metadata/annotations/note', value: 'json' };
    assert.equal(noteOf(await wire.patch(path, 'json', [operation])), 'json');
    const configuration = {
      apiVersion,
      kind: definition.kind,
      metadata: { name: tested.nameOf('a'), labels: { applied: 'yes' } },
    };
    const applied = await wire.patch(`${path}?fieldManager=tester`, 'apply', configuration);
    assert.equal(applied.metadata.labels?.['applied'], 'yes');
    const updated = await wire.put(path, {
      ...applied,
      metadata: { ...applied.metadata, annotations: { note: 'updated' } },
    });
    assert.equal(noteOf(updated), 'updated');
    assert.equal(updated.metadata.uid, created.metadata.uid);
    const stale = { ...created, metadata: { ...created.metadata, annotations: { note: 'stale' } } };
    await wire.refused(409, `PUT ${path}`, stale);
    assert.equal(noteOf(await wire.put(`${path}?dryRun=All`, { ...updated, ...mergedMeta(updated, 'dry') })), 'dry');
    assert.equal(noteOf(await wire.patch(`${path}?dryRun=All`, 'merge', annotation('dry'))), 'dry');
    assert.deepEqual(await wire.get(path), updated);
    await remove(tested, 'a');
    const [first, ...rest] = await watch.until(isRemoved(tested.nameOf('a')));
    assert.deepEqual([first?.type, first?.object.metadata.uid], ['ADDED', created.metadata.uid]);
    const mine = rest.filter(({ object }) => object.metadata.name === tested.nameOf('a'));
    const notes = mine.filter(({ type }) => type === 'MODIFIED').map(({ object }) => noteOf(object));
    assert.deepEqual(
      unique(notes).filter((note) => note !== undefined),
      ['merged', 'strategic', 'json', 'updated'],
    );
    await wire.refused(404, `GET ${path}`);
    watch.end();
  });

  if (definition.verbs.includes('deletecollection')) {
    test(`[CFM5] ${key}: a collection goes by label, and the rest stays`, async () => {
      const tested = await objectsOf(kind, 'drop');
      for (const suffix of ['a', 'b']) await make(tested, suffix);
      const kept = {
        ...tested.object('c'),
        metadata: { name: tested.nameOf('c'), labels: { kept: tested.namespace } },
      };
      await wire.post(tested.collection, kept);
      const { metadata } = await wire.get(tested.collection);
      const watch = await wire.watch(`${tested.selected}&resourceVersion=${metadata.resourceVersion}`);
      await wire.delete(`${tested.selected}&dryRun=All`);
      assert.equal(namesOf(await wire.get(tested.selected)).length, 2);
      await wire.delete(tested.selected);
      for (const suffix of ['a', 'b']) await release(tested, suffix);
      await watch.until(isRemoved(tested.nameOf('b')));
      assert.deepEqual(namesOf(await wire.get(tested.selected)), []);
      await wire.get(tested.path('c'));
      watch.end();
    });
  }

  if (definition.hasStatus) {
    test(`[CFM6] ${key}: its status is read, replaced and patched apart from the rest`, async () => {
      const tested = await objectsOf(kind, 'status');
      const { status } = tested.sample;
      assert.ok(status, `the sample of ${key} has no status`);
      const created = await make(tested, 'a');
      const path = tested.path('a', 'status');
      const since = created.metadata.resourceVersion;
      const watch = await wire.watch(`${tested.selected}&resourceVersion=${since}`);
      assert.equal((await wire.get(path)).metadata.uid, created.metadata.uid);
      const reported = await wire.put(path, { ...created, status: { ...(created['status'] as object), ...status } });
      assertHolds(reported['status'], status, key);
      assert.deepEqual(reported['spec'], created['spec']);
      if (reported.metadata.resourceVersion !== since) {
        const told = await watch.until(({ type }) => type === 'MODIFIED');
        assertHolds(told.at(-1)?.object['status'], status, key);
      }
      watch.end();
      const other = await make(tested, 'b');
      const patched = await wire.patch(tested.path('b', 'status'), 'merge', { ...annotation('reported'), status });
      assertHolds(patched['status'], status, key);
      assert.deepEqual([noteOf(patched), patched['spec']], ['reported', other['spec']]);
      const current = await wire.get(tested.path('b'));
      const { status: _, ...withoutStatus } = current;
      const rewritten = await wire.put(tested.path('b'), { ...withoutStatus, ...mergedMeta(current, 'rewritten') });
      assert.deepEqual([noteOf(rewritten), rewritten['status']], ['rewritten', current['status']]);
    });
  }

  if (definition.scale !== undefined) {
    test(`[CFM7] ${key}: its scale is read, replaced and patched`, async () => {
      const tested = await objectsOf(kind, 'scale');
      await wire.post(tested.collection, tested.object('a'));
      const path = tested.path('a', 'scale');
      const scale = await wire.get(path);
      const isFormer = kind.apiVersion !== definition.apiVersion;
      assert.deepEqual([scale.apiVersion, scale.kind], [isFormer ? kind.apiVersion : 'autoscaling/v1', 'Scale']);
      assertHolds(await wire.put(path, { ...scale, spec: { replicas: 4 } }), { spec: { replicas: 4 } }, key);
      assertHolds(await wire.patch(path, 'merge', { spec: { replicas: 5 } }), { spec: { replicas: 5 } }, key);
      assertHolds(await wire.get(tested.path('a')), { spec: { replicas: 5 } }, key);
    });
  }
}

const mergedMeta = ({ metadata }: Json, note: string): object => ({
  metadata: { ...metadata, annotations: { ...metadata.annotations, note } },
});

const isRemoved =
  (name: string) =>
  ({ type, object }: Told): boolean =>
    type === 'DELETED' && object.metadata.name === name;

function unique<T>(values: readonly T[]): readonly T[] {
  return values.filter((value, index) => value !== values[index - 1]);
}
