import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { silentLogger } from '#base/log';
import { aCluster } from '#test/builders/cluster';
import type { Change } from './informer.ts';
import { partedInformer } from './parted-informer.ts';

const namespace = 'default';
const aConfigMap = (name: string, place: string, size = '1') => ({
  metadata: { namespace, name },
  data: { place, size },
});
const placeOf = ({ data }: ConfigMap): string => data?.['place'] ?? '';
const parting = { name: 'place', valueOf: placeOf, logger: silentLogger() };
const told = ({ before, after }: Change<ConfigMap>): string =>
  `${before?.data?.['size'] ?? ''}>${after?.data?.['size'] ?? ''}`;

test('[CLT39] a part of an informer holds and tells what has its value alone, and what moves leaves one part and enters another', async () => {
  await using cluster = await aCluster();
  const { client, informers, world } = cluster;
  await client.create(ConfigMap, aConfigMap('a', 'here'));
  const whole = informers.for(ConfigMap);
  const partOf = partedInformer(whole, parting);
  const [here, there] = [partOf('here'), partOf('there')];
  await here.synced;
  const [heardHere, heardThere]: [string[], string[]] = [[], []];
  const following = here.subscribe((change) => heardHere.push(told(change)));
  using _second = here.subscribe(() => {
    throw new Error('this handler is broken');
  });
  using _there = await there.subscribeInParts((change) => heardThere.push(told(change)));
  const created = await client.create(ConfigMap, aConfigMap('b', 'here', '2'));
  const moved = await client.update(ConfigMap, { ...created, data: { place: 'there', size: '3' } });
  await world.settle();
  const named = [here, there].map((part) => part.list(namespace).map(({ metadata }) => metadata.name));
  assert.deepEqual(
    { heardHere, heardThere, named },
    { heardHere: ['>1', '>2', '2>'], heardThere: ['>3'], named: [['a'], ['b']] },
  );
  assert.deepEqual([here.get({ namespace, name: 'b' }), there.get({ namespace, name: 'b' })], [undefined, moved]);
  assert.deepEqual(
    [here.list('other'), there.byIndex('place', 'here'), there.byIndex('place', 'there')],
    [[], [], [moved]],
  );
  following[Symbol.dispose]();
  await client.delete(ConfigMap, { namespace, name: 'a' });
  there.observe(
    { ...moved, metadata: { ...moved.metadata, resourceVersion: '900' }, data: { place: 'there', size: '4' } },
    'written',
  );
  assert.deepEqual([heardHere.length, heardThere], [3, ['>3', '3>4']]);
});
