import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aWire, type Json, type Told, type Watching, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

/** The config maps of a namespace that no other test has. */
async function configMaps(namespace: string): Promise<string> {
  await wire.post('/api/v1/namespaces', { metadata: { name: namespace } });
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

const labelled = (name: string, label: string): object => ({ metadata: { name, labels: { watcher: label } } });
const relabel = (path: string, label: string): Promise<Json> =>
  wire.patch(path, 'merge', { metadata: { labels: { watcher: label } } });
const revisionOf = ({ metadata }: Json): string => metadata.resourceVersion;
const text = ({ type, object }: Told): string => `${type} ${object.metadata.name}@${revisionOf(object)}`;
/** Everything up to the event of a given revision. */
const upTo = async (watch: Watching, revision: string): Promise<readonly string[]> =>
  (await watch.until(({ object }) => Number(revisionOf(object)) >= Number(revision))).map(text);

test('[CFM30] a watch that is opened again at the last revision it saw misses nothing', async () => {
  const path = await configMaps('resumed');
  const first = await wire.watch(`${path}?resourceVersion=${revisionOf(await wire.get(path))}`);
  const created = await wire.post(path, { metadata: { name: 'a' } });
  const changed = await wire.patch(`${path}/a`, 'merge', { data: { mutation: '1' } });
  assert.deepEqual(await upTo(first, revisionOf(changed)), [
    `ADDED a@${revisionOf(created)}`,
    `MODIFIED a@${revisionOf(changed)}`,
  ]);
  first.end();
  const again = await wire.patch(`${path}/a`, 'merge', { data: { mutation: '2' } });
  await wire.delete(`${path}/a`);
  const second = await wire.watch(`${path}?resourceVersion=${revisionOf(changed)}`);
  const told = await second.until(({ type }) => type === 'DELETED');
  assert.deepEqual(
    told.map(({ type, object }) => [type, object['data']]),
    [
      ['MODIFIED', { mutation: '2' }],
      ['DELETED', { mutation: '2' }],
    ],
  );
  assert.equal(text(told[0] as Told), `MODIFIED a@${revisionOf(again)}`);
  assert.ok(Number(revisionOf((told[1] as Told).object)) > Number(revisionOf(again)));
  second.end();
});

test('[CFM31] a watch from a past revision tells exactly what came after it', async () => {
  const path = await configMaps('past');
  await wire.post(path, { metadata: { name: 'a' } });
  const first = await wire.patch(`${path}/a`, 'merge', { data: { mutation: '1' } });
  const second = await wire.patch(`${path}/a`, 'merge', { data: { mutation: '2' } });
  await wire.delete(`${path}/a`);
  const watch = await wire.watch(`${path}?resourceVersion=${revisionOf(first)}`);
  const told = await watch.until(({ type }) => type === 'DELETED');
  assert.deepEqual(
    told.map(({ type }) => type),
    ['MODIFIED', 'DELETED'],
  );
  assert.equal(revisionOf((told[0] as Told).object), revisionOf(second));
  watch.end();
});

test('[CFM32] watches by label are told of what carries their label, and of nothing else', async () => {
  const path = await configMaps('several');
  const since = revisionOf(await wire.get(path));
  const open = (selector: string): Promise<Watching> =>
    wire.watch(`${path}?resourceVersion=${since}&labelSelector=${encodeURIComponent(selector)}`);
  const [first, second, both] = await Promise.all([
    open('watcher=one'),
    open('watcher=two'),
    open('watcher in (one, two)'),
  ]);
  await wire.post(path, labelled('a', 'one'));
  await wire.patch(`${path}/a`, 'merge', { data: { mutation: '1' } });
  await wire.post(path, labelled('b', 'two'));
  await wire.delete(`${path}/a`);
  await wire.delete(`${path}/b`);
  const names = async (watch: Watching, last: string): Promise<readonly string[]> =>
    (await watch.until(({ type, object }) => type === 'DELETED' && object.metadata.name === last)).map(
      ({ type, object }) => `${type} ${object.metadata.name}`,
    );
  assert.deepEqual(await names(first, 'a'), ['ADDED a', 'MODIFIED a', 'DELETED a']);
  assert.deepEqual(await names(second, 'b'), ['ADDED b', 'DELETED b']);
  assert.deepEqual(await names(both, 'b'), ['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a', 'DELETED b']);
  for (const watch of [first, second, both]) watch.end();
});

test('[CFM33] an object that loses the label that is watched for is deleted to the watcher, and added when it has it again', async () => {
  const path = await configMaps('leaving');
  const since = revisionOf(await wire.get(path));
  const watch = await wire.watch(`${path}?resourceVersion=${since}&labelSelector=watcher%3Dmine`);
  await wire.post(path, labelled('a', 'mine'));
  await relabel(`${path}/a`, 'others');
  await wire.patch(`${path}/a`, 'merge', { data: { mutation: '1' } });
  await relabel(`${path}/a`, 'mine');
  await wire.patch(`${path}/a`, 'merge', { data: { mutation: '2' } });
  await wire.delete(`${path}/a`);
  const isLast = ({ type, object }: Told): boolean =>
    type === 'DELETED' && (object['data'] as { mutation?: string })?.mutation === '2';
  const told = await watch.until(isLast);
  assert.deepEqual(
    told.map(({ type, object }) => [type, (object['data'] as { mutation?: string })?.mutation]),
    [
      ['ADDED', undefined],
      ['DELETED', undefined],
      ['ADDED', '1'],
      ['MODIFIED', '2'],
      ['DELETED', '2'],
    ],
  );
  watch.end();
});

test('[CFM34] watches that begin at different revisions, while others write, see one order of events', async () => {
  const path = await configMaps('ordered');
  const start = revisionOf(await wire.get(path));
  const written: string[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let round = 0; round < 10; round += 1) {
      const name = `${writer}-${round}`;
      written.push(revisionOf(await wire.post(path, { metadata: { name } })));
      written.push(revisionOf(await wire.patch(`${path}/${name}`, 'merge', { data: { round: String(round) } })));
      if (round % 2 === 0) await wire.delete(`${path}/${name}`);
    }
  };
  const writing = Promise.all([write(1), write(2), write(3)]);
  const watches: Watching[] = [await wire.watch(`${path}?resourceVersion=${start}`)];
  const starts = [start];
  for (let opened = 0; opened < 9; opened += 1) {
    const since = written.at(-1) ?? start;
    starts.push(since);
    watches.push(await wire.watch(`${path}?resourceVersion=${since}`));
  }
  await writing;
  const end = revisionOf(await wire.post(path, { metadata: { name: 'end' } }));
  const streams = await Promise.all(watches.map((watch) => upTo(watch, end)));
  const whole = streams[0] ?? [];
  assert.equal(whole.length, 3 * 10 * 2 + 3 * 5 + 1);
  for (const [index, stream] of streams.entries()) {
    const later = whole.filter((event) => Number(event.split('@')[1]) > Number(starts[index]));
    assert.deepEqual(stream, later);
  }
  for (const watch of watches) watch.end();
});
