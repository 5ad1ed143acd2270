import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aWire, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

const KINDS = [
  { kind: 'ConfigMap', plural: 'configmaps', value: (text: string) => text },
  { kind: 'Secret', plural: 'secrets', value: (text: string) => Buffer.from(text).toString('base64') },
];

for (const { kind, plural, value } of KINDS) {
  const path = `/api/v1/namespaces/default/${plural}`;

  test(`[CFM60] ${kind}: an empty key is refused: 422, with the field`, async () => {
    const { status, body } = await wire.ask(`POST ${path}`, {
      metadata: { name: 'empty-key' },
      data: { '': value('x') },
    });
    assert.deepEqual([status, body.reason], [422, 'Invalid']);
    assert.match(body.message ?? '', /data\[\]: Invalid value: "": a valid config key must consist of/);
  });

  test(`[CFM61] ${kind}: what is immutable keeps its data and stays immutable, takes metadata, and can be deleted`, async () => {
    const data = { color: value('red') };
    const made = await wire.post(path, { metadata: { name: 'fixed' }, data });
    const grown = await wire.put(`${path}/fixed`, { ...made, data: { ...data, size: value('1') } });
    const fixed = await wire.put(`${path}/fixed`, { ...grown, immutable: true });
    const changed = { ...fixed, data: { color: value('blue') } };
    assert.match(
      await wire.refused(422, `PUT ${path}/fixed`, changed),
      /data: Forbidden: field is immutable when `immutable` is set/,
    );
    assert.match(
      await wire.refused(422, `PUT ${path}/fixed`, { ...fixed, immutable: false }),
      /immutable: Forbidden: field is immutable when `immutable` is set/,
    );
    const labelled = await wire.patch(`${path}/fixed`, 'merge', { metadata: { labels: { tier: 'front' } } });
    assert.deepEqual([labelled.metadata.labels, labelled['data']], [{ tier: 'front' }, grown['data']]);
    await wire.delete(`${path}/fixed`);
    await wire.refused(404, `GET ${path}/fixed`);
  });
}

test('[CFM62] a service account takes another choice about its token by update', async () => {
  const path = '/api/v1/namespaces/default/serviceaccounts';
  const made = await wire.post(path, { metadata: { name: 'robot' }, automountServiceAccountToken: false });
  await wire.put(`${path}/robot`, { ...made, automountServiceAccountToken: true });
  assert.equal((await wire.get(`${path}/robot`))['automountServiceAccountToken'], true);
});

test('[CFM63] a pod with a name of a kernel setting that cannot be is refused, setting by setting', async () => {
  const sysctls = [
    { name: 'foo-', value: 'bar' },
    { name: 'kernel.shmmax', value: '100000000' },
    { name: 'safe-and-unsafe', value: '100000000' },
    { name: 'bar..', value: '42' },
  ];
  const pod = {
    metadata: { name: 'kernel' },
    spec: { securityContext: { sysctls }, containers: [{ name: 'a', image: 'a' }] },
  };
  const message = await wire.refused(422, 'POST /api/v1/namespaces/default/pods', pod);
  assert.match(message, /spec\.securityContext\.sysctls\[0\]\.name: Invalid value: "foo-"/);
  assert.match(message, /spec\.securityContext\.sysctls\[3\]\.name: Invalid value: "bar\.\."/);
  assert.doesNotMatch(message, /sysctls\[[12]\]/);
});
