/** The checker that rides along with every watch finds every way to break a watch's promise. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ListResult, WatchEvent, WatchEventType } from '#api/request';
import { deepFreeze } from '#base/deep-freeze';
import { checkedWatches } from '../builders/checked-watches.ts';
import { EventChecker, INITIAL_EVENTS_END, type WatchTerms } from '../builders/event-checker.ts';
import { watchTap } from '../builders/http-watch-tap.ts';

const TERMS: WatchTerms = { since: 10, endMarked: false, bookmarks: true, concerns: () => true };
const FROM_START: WatchTerms = { ...TERMS, since: undefined };

/** `MODIFIED a@12`, with another uid as `MODIFIED a@12!`. */
function anEvent(text: string): WatchEvent {
  const [type = '', what = ''] = text.split(' ');
  const [name = '', version = ''] = what.split('@');
  const metadata = {
    name,
    namespace: 'n',
    uid: version.endsWith('!') ? 'other' : 'uid',
    resourceVersion: version.replace(/[!#]$/, ''),
    ...(version.endsWith('#') ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}),
  };
  return deepFreeze({
    type: type as WatchEventType,
    object: { apiVersion: 'v1', kind: 'K', metadata } as unknown as ApiObject,
  });
}

function violations(terms: WatchTerms, ...events: readonly string[]): readonly string[] {
  const checker = new EventChecker(terms);
  for (const event of events) checker.accept(anEvent(event));
  return checker.violations;
}

test('[WCH1] a watch that keeps its promise is passed', () => {
  const good: readonly (readonly [WatchTerms, ...string[]])[] = [
    [TERMS, 'MODIFIED a@11', 'ADDED b@12', 'BOOKMARK @12', 'DELETED b@14', 'ADDED b@15!', 'BOOKMARK @20'],
    [FROM_START, 'ADDED a@7', 'ADDED b@3', 'MODIFIED b@9', 'DELETED a@10'],
    [{ ...FROM_START, readAt: 7 }, 'ADDED a@7', 'ADDED b@3', 'ADDED c@8', 'DELETED c@9'],
    [{ ...FROM_START, endMarked: true }, 'ADDED a@7', 'ADDED b@3', 'BOOKMARK @8#', 'MODIFIED b@9', 'BOOKMARK @9'],
    [TERMS, 'ADDED a@11', 'ERROR @0'],
  ];
  assert.deepEqual(
    good.flatMap(([terms, ...events]) => violations(terms, ...events)),
    [],
  );
});

test('[WCH2] every kind of violation is found', () => {
  const marked = { ...FROM_START, endMarked: true };
  const planted: readonly (readonly [string, WatchTerms, ...string[]])[] = [
    ['ADDED n/b at 11 after 11', TERMS, 'ADDED a@11', 'ADDED b@11'],
    ['MODIFIED n/a at 9 after 10', TERMS, 'MODIFIED a@9'],
    ['ADDED n/a at 12, which was there', TERMS, 'ADDED a@11', 'ADDED a@12'],
    ['MODIFIED n/a at 12, which was not there', FROM_START, 'MODIFIED a@12'],
    ['DELETED n/a at 13, which was not there', TERMS, 'ADDED a@11', 'DELETED a@12', 'DELETED a@13'],
    ['MODIFIED n/a at 12, which is another object than before', TERMS, 'ADDED a@11', 'MODIFIED a@12!'],
    ['ADDED n/a at 3, which was there', FROM_START, 'ADDED a@7', 'ADDED a@3'],
    ['MODIFIED n/a at 7 after 7', FROM_START, 'ADDED a@7', 'MODIFIED a@7'],
    ['a bookmark at 11 after 12', TERMS, 'ADDED a@12', 'BOOKMARK @11'],
    ['ADDED n/a at 15 after 15', TERMS, 'BOOKMARK @15', 'ADDED a@15'],
    ['a bookmark at 11 that nobody allowed', { ...TERMS, bookmarks: false }, 'BOOKMARK @11'],
    ['a bookmark at 8 before the end of what there was', marked, 'ADDED a@7', 'BOOKMARK @8'],
    ['MODIFIED n/a at 8 before the end of what there was', marked, 'ADDED a@7', 'MODIFIED a@8'],
    ['a second end of what there was', marked, 'BOOKMARK @8#', 'BOOKMARK @9#'],
    ['an end of what there was that nobody asked for', TERMS, 'BOOKMARK @11#'],
    ['ADDED after the stream had failed', TERMS, 'ERROR @0', 'ADDED a@11'],
    ['ADDED n/a at 11, which was not asked for', { ...TERMS, concerns: () => false }, 'ADDED a@11'],
    ['ADDED with the resourceVersion ""', TERMS, 'ADDED a@'],
  ];
  for (const [expected, terms, ...events] of planted) assert.deepEqual(violations(terms, ...events), [expected]);
});

const request: ApiRequest = {
  verb: 'watch',
  group: '',
  version: 'v1',
  plural: 'things',
  namespace: 'n',
  options: { resourceVersion: '10' },
  user: { name: 'tester', groups: [] },
  signal: new AbortController().signal,
};

/** A server whose watch tells `events` and whose lists show `lists`, by revision. */
async function told(events: readonly WatchEvent[], lists: Readonly<Record<string, readonly WatchEvent[]>>) {
  const watches = checkedWatches(
    async ({ verb, options: { resourceVersion = '' } }) => {
      await Promise.resolve();
      if (verb === 'watch') return { type: 'watch', events: Readable.from([events]) };
      const list: ListResult = { resourceVersion, items: (lists[resourceVersion] ?? []).map(({ object }) => object) };
      return { type: 'list', list };
    },
    { revision: 20 },
  );
  const result = await watches.handle(request);
  assert.ok(result.type === 'watch');
  await Array.fromAsync(result.events);
  return watches;
}

test('[WCH3] changes over what there was are compared with the list of that revision, in process', async () => {
  const events = [anEvent('ADDED b@11'), anEvent('DELETED a@12')];
  const start = [anEvent('ADDED a@4')];
  const right = await told(events, { 10: start, 12: [anEvent('ADDED b@11')] });
  await right.finish();
  const missing = await told(events, { 10: start, 12: [anEvent('ADDED b@11'), anEvent('ADDED c@12')] });
  await assert.rejects(missing.finish(), /told n\/c at absent, but the list of 12 has it at 12/);
  const stale = await told(events, { 10: start, 12: [anEvent('ADDED b@9')] });
  await assert.rejects(stale.finish(), /told n\/b at 11, but the list of 12 has it at 9/);
});

test('[WCH3] events that are not frozen are found, in process', async () => {
  const loose = structuredClone(anEvent('ADDED b@11'));
  const watches = await told([loose], {});
  await assert.rejects(watches.finish(), /ADDED n\/b is not frozen/);
});

test('[WCH4] watches over HTTP are looked at as they arrive, whatever the pieces', async () => {
  const path = '/api/v1/namespaces/n/configmaps?watch=true&resourceVersion=10';
  const lines = (...texts: readonly string[]): string =>
    texts.map((text) => `${JSON.stringify(anEvent(text))}\n`).join('');
  const received = async (text: string): Promise<() => void> => {
    const tap = watchTap();
    const stream = new Readable({ read: () => undefined });
    tap.tap(path, stream, () => 'application/json');
    for (let at = 0; at < text.length; at += 50) stream.push(Buffer.from(text.slice(at, at + 50)));
    stream.push(null);
    assert.equal((await stream.toArray()).join(''), text);
    return () => tap.finish();
  };
  (await received(lines('ADDED a@11', 'MODIFIED a@12')))();
  assert.throws(await received(lines('ADDED a@11', 'MODIFIED a@11')), /MODIFIED n\/a at 11 after 11/);
});
