import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { define, definitionOf, until } from './definitions.ts';
import { SERVED_KINDS } from './served-kinds.ts';
import { aWire, type Json, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

type Aggregated = {
  readonly kind: string;
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly { readonly resource: string; readonly responseKind: { readonly kind: string } }[];
    }[];
  }[];
};

type Groups = {
  readonly groups: readonly {
    readonly name: string;
    readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
    readonly preferredVersion: { readonly groupVersion: string };
  }[];
};

type ResourceList = { readonly groupVersion: string; readonly resources: readonly { readonly name: string }[] };

/** What a document holds, as `apps/v1/deployments Deployment`. */
const offers = ({ items }: Aggregated): readonly string[] =>
  items.flatMap(({ metadata: { name }, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources.map(({ resource, responseKind }) => {
        const apiVersion = name === '' ? version : `${name}/${version}`;
        return `${apiVersion}/${resource} ${responseKind.kind}`;
      }),
    ),
  );

const aggregated = async (path: string): Promise<Aggregated> =>
  (await wire.get(path, AGGREGATED)) as unknown as Aggregated;

test('[CFM10] aggregated discovery tells every built-in kind in its own words, as the media type that was asked for', async () => {
  const told = new Set([...offers(await aggregated('/api')), ...offers(await aggregated('/apis'))]);
  const missing = SERVED_KINDS.map(({ key, definition }) => `${key} ${definition.kind}`).filter(
    (kind) => !told.has(kind),
  );
  assert.deepEqual(missing, []);
  for (const path of ['/api', '/apis']) {
    const { headers, body } = await wire.ask(`GET ${path}`, undefined, { accept: AGGREGATED });
    assert.deepEqual([headers['content-type'], body.kind], [AGGREGATED, 'APIGroupDiscoveryList']);
  }
});

test('[CFM11] aggregated discovery tells of a new custom kind', async () => {
  await define(wire, definitionOf('discovery.test', 'found'));
  const told = await until(
    async () => offers(await aggregated('/apis')),
    (kinds) => kinds.some((kind) => kind.startsWith('discovery.test')),
  );
  assert.ok(told.includes('discovery.test/v1/found Found'));
});

test('[CFM12] every group names versions that exist, and prefers one of them', async () => {
  const { groups } = (await wire.get('/apis')) as unknown as Groups;
  assert.ok(groups.length > 5);
  for (const group of groups) {
    const versions = group.versions.map(({ groupVersion }) => groupVersion);
    assert.ok(versions.includes(group.preferredVersion.groupVersion), group.name);
    const alone = (await wire.get(`/apis/${group.name}`)) as unknown as Groups['groups'][number];
    assert.deepEqual(alone.versions, group.versions);
    for (const { groupVersion, version } of group.versions) {
      assert.equal(groupVersion, `${group.name}/${version}`);
      const list = (await wire.get(`/apis/${groupVersion}`)) as unknown as ResourceList;
      assert.equal(list.groupVersion, groupVersion);
      assert.ok(list.resources.length > 0, groupVersion);
    }
  }
});

test('[CFM13] the group of definitions is found on every level of discovery', async () => {
  const { groups } = (await wire.get('/apis')) as unknown as Groups;
  const group = groups.find(({ name }) => name === 'apiextensions.k8s.io');
  assert.deepEqual(group?.versions[0], { groupVersion: 'apiextensions.k8s.io/v1', version: 'v1' });
  const alone = (await wire.get('/apis/apiextensions.k8s.io')) as unknown as Groups['groups'][number];
  assert.deepEqual(alone.preferredVersion, { groupVersion: 'apiextensions.k8s.io/v1', version: 'v1' });
  const { resources } = (await wire.get('/apis/apiextensions.k8s.io/v1')) as unknown as ResourceList;
  assert.ok(resources.some(({ name }) => name === 'customresourcedefinitions'));
});

test('[CFM14] the version has whole numbers as major and minor, and every field that clients print', async () => {
  const version = (await wire.get('/version')) as unknown as Readonly<Record<string, string>>;
  assert.match(`${version['major']} ${version['minor']}`, /^\d+ \d+$/);
  assert.match(version['gitVersion'] ?? '', /^v\d+\.\d+\.\d+/);
  for (const field of ['gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform']) {
    assert.equal(typeof version[field], 'string', field);
  }
});

test('[CFM15] what is never stored is no table: 406, unless the client takes something else too', async () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const review: Partial<Json> = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
  const { status, body } = await wire.ask(`POST ${path}`, review, { accept: table });
  assert.deepEqual([status, body.reason], [406, 'NotAcceptable']);
  const plain = await wire.ask(`POST ${path}`, review, { accept: `${table},application/json` });
  assert.deepEqual([plain.status, plain.body.kind], [201, 'SelfSubjectAccessReview']);
});
