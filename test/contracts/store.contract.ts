/** What every store engine must make true. Called once per engine by `store.test.ts`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { World } from '#base/world';
import { systemWorld } from '#base/world';
import { virtualWorld } from '#base/virtual-world';
import type { ObjectMeta } from '#api/types/meta-v1';
import { exactInteger } from '#api/meta/exact-integer';
import type { Engine } from '#store/engine';
import { openStore } from '#store/mvcc-store';
import {
  RevisionCompactedError,
  StoreUnavailableError,
  type Storable,
  type Store,
  type StoreEvent,
} from '#store/store';

export type Thing = Storable & { readonly value: number };

export function aThing(name: string, value = 0): Thing {
  const metadata: ObjectMeta = {
    name,
    uid: `uid-${name}`,
    resourceVersion: '',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { metadata, value };
}

type EngineUnderTest = {
  /** Opens the engine; the second call in one test must find what the first one committed, if the engine is durable. */
  readonly open: () => Engine;
  readonly durable: boolean;
};

export function storeContract(name: string, prepare: () => Promise<EngineUnderTest & AsyncDisposable>): void {
  describe(`store on the ${name} engine`, () => {
    test('[STO1] a write is stored frozen, under a revision of its own, and read back by reference', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      const first = await store.write((tx) => tx.put('/g/things/a', aThing('a')));
      const second = await store.write((tx) => tx.put('/g/things/b', aThing('b')));
      assert.equal(Number(second.metadata.resourceVersion), Number(first.metadata.resourceVersion) + 1);
      assert.equal(store.get('/g/things/a'), first);
      assert.ok(Object.isFrozen(first) && Object.isFrozen(first.metadata));
      assert.equal(store.revision, Number(second.metadata.resourceVersion));
    });

    test('[STO2] a transaction that throws writes nothing and rejects with its error', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      const before = store.revision;
      await assert.rejects(
        store.write((tx) => {
          tx.put('/g/things/a', aThing('a'));
          throw new RangeError('no');
        }),
        RangeError,
      );
      assert.deepEqual([store.get('/g/things/a'), store.revision], [undefined, before]);
    });

    test('[STO3] a transaction sees what earlier ones wrote, before readers do', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      const writes = Array.from({ length: 50 }, () =>
        store.write((tx) => {
          const value = (tx.get('/g/things/counter') as Thing | undefined)?.value ?? 0;
          return tx.put('/g/things/counter', aThing('counter', value + 1)).value;
        }),
      );
      assert.equal(store.get('/g/things/counter'), undefined);
      assert.deepEqual(
        await Promise.all(writes),
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
      assert.equal((store.get('/g/things/counter') as Thing).value, 50);
    });

    test('[STO4] a list is ordered by key, and its pages show one revision whatever is written between them', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      for (const each of ['d', 'b', 'a', 'c']) await store.write((tx) => tx.put(`/g/things/${each}`, aThing(each)));
      await store.write((tx) => tx.put('/g/thingsother/x', aThing('x')));
      const first = store.list('/g/things/', { limit: 2 });
      assert.deepEqual(names(first.items), ['a', 'b']);
      assert.deepEqual(first.more, { after: '/g/things/b', remaining: 2 });
      await store.write((tx) => tx.delete('/g/things/c'));
      await store.write((tx) => tx.put('/g/things/bb', aThing('bb')));
      await store.write((tx) => tx.put('/g/things/d', aThing('d', 9)));
      const second = store.list('/g/things/', { limit: 2, startAfter: '/g/things/b', revision: first.revision });
      assert.deepEqual(names(second.items), ['c', 'd']);
      assert.deepEqual(
        second.items.map((each) => (each as Thing).value),
        [0, 0],
      );
      assert.equal(store.count('/g/things/'), 4);
    });

    test('[STO4] pages of any size join into the list of their revision, and each says how much is left', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      const put = (index: number) => store.write((tx) => tx.put(`/g/things/${index}`, aThing(`${index}`)));
      const remove = (index: number) => store.write((tx) => tx.delete(`/g/things/${index}`));
      await Promise.all(range(10, 40).map(put));
      const { revision, items } = store.list('/g/things/');
      await Promise.all([
        ...range(35, 60).map(put),
        ...range(10, 99)
          .filter((index) => index % 3 === 0)
          .map(remove),
      ]);
      for (const limit of [1, 7, 29, 30, 31]) {
        const found: Storable[] = [];
        for (let after: string | undefined = ''; after !== undefined;) {
          const { items: page, more } = store.list('/g/things/', { limit, revision, startAfter: after });
          found.push(...page);
          assert.equal(more?.remaining ?? 0, items.length - found.length);
          after = more?.after;
        }
        assert.deepEqual(found, items);
      }
    });

    test('[STO5] a watch delivers what is newer than its start, in order, each event with what was before', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 1)));
      const since = store.revision;
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 2)));
      const stop = new AbortController();
      const watch = store.watch('/g/things/', { since, signal: stop.signal });
      await store.write((tx) => tx.put('/g/others/z', aThing('z')));
      await store.write((tx) => tx.delete('/g/things/a'));
      const seen = await take(watch, 2);
      stop.abort();
      assert.deepEqual(
        seen.map(({ type, revision, object, previous }) => [
          type,
          revision - since,
          (object as Thing).value,
          Number(object.metadata.resourceVersion) - since,
          (previous as Thing).value,
        ]),
        [
          ['put', 1, 2, 1, 1],
          ['delete', 3, 2, 3, 2],
        ],
      );
      assert.equal(watch.progress(), store.revision);
    });

    test('[STO5] who takes batches without iterating gets what is there at once, and is told of the next and of the end', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      const stop = new AbortController();
      const watch = store.watch('/g/things/', { since: store.revision, signal: stop.signal });
      await store.write((tx) => tx.put('/g/things/a', aThing('a')));
      const heard: string[] = [];
      const names = (batch: readonly StoreEvent[] = []) => batch.map(({ object }) => object.metadata.name).join();
      const reader = {
        arrived: (batch: readonly StoreEvent[]) => void heard.push(names(batch)),
        ended: () => void heard.push('end'),
      };
      assert.equal(names(watch.take(reader)), 'a');
      assert.equal(watch.take(reader), undefined);
      await store.write((tx) => tx.put('/g/things/b', aThing('b')));
      await store.write((tx) => tx.put('/g/things/c', aThing('c')));
      assert.deepEqual(heard, ['b']);
      assert.equal(names(watch.take(reader)), 'c');
      assert.equal(watch.take(reader), undefined);
      stop.abort();
      assert.deepEqual(heard, ['b', 'end']);
    });

    test('[STO18] a watch for one value hears of what has it and of what had it until now, and of nothing else', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 1)));
      const since = store.revision;
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 2)));
      await store.write((tx) => tx.put('/g/things/b', aThing('b', 1)));
      const stop = new AbortController();
      let reads = 0;
      const read = (thing: object): string => (reads++, String((thing as Thing).value));
      const watchFor = (value: string) =>
        store.watch('/g/things/', { since, signal: stop.signal, only: { field: 'value', value, read } });
      const [two, three] = [watchFor('2'), watchFor('3')];
      for (let other = 100; other < 200; other++) watchFor(String(other));
      reads = 0;
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 3)));
      await store.write((tx) => tx.delete('/g/things/a'));
      const told = (events: readonly StoreEvent[]) => events.map(({ type, object }) => [type, (object as Thing).value]);
      assert.deepEqual(
        [told(await take(two, 2)), told(await take(three, 2)), reads],
        [
          [
            ['put', 2],
            ['put', 3],
          ],
          [
            ['put', 3],
            ['delete', 3],
          ],
          4,
        ],
      );
      stop.abort();
    });

    test('[STO6] a watch or list from before the retained events says which revision is the oldest', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld(), retainedEvents: 4 });
      const since = store.revision;
      for (let value = 0; value < 6; value++) await store.write((tx) => tx.put('/g/things/a', aThing('a', value)));
      const { signal } = new AbortController();
      assert.throws(() => store.watch('/g/things/', { since, signal }), RevisionCompactedError);
      assert.throws(() => store.list('/g/things/', { revision: since }), RevisionCompactedError);
      assert.equal(store.compactedRevision, since + 2);
      assert.equal((store.list('/g/things/', { revision: since + 2 }).items[0] as Thing).value, 1);
    });

    test('[STO7] every revision of an object can be read back from its history', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: virtualWorldAt(5000) });
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 1)));
      await store.write((tx) => tx.put('/g/things/b', aThing('b', 7)));
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 2)));
      await store.write((tx) => tx.delete('/g/things/a'));
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 3)));
      const history = await store.history('/g/things/a');
      assert.deepEqual(
        history.map(({ type, atMs, object }) => [type, atMs, (object as Thing).value]),
        [
          ['put', 5000, 1],
          ['put', 5000, 2],
          ['delete', 5000, 2],
          ['put', 5000, 3],
        ],
      );
    });

    test('[STO20] a burst of writes, at once or one after the other, leaves others their turns', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      const put = (index: number) => store.write((tx) => tx.put(`/g/things/${index}`, aThing(`${index}`)));
      const oneByOne = async (): Promise<void> => {
        for (let index = 0; index < 200; index++) await put(index);
      };
      const turnsDuring = async (work: Promise<unknown>): Promise<number> => {
        let turns = 0;
        const ended = work.then(() => true);
        while (!(await Promise.race([ended, nextTurn(false)]))) turns++;
        return turns;
      };
      assert.ok((await turnsDuring(oneByOne())) >= 2);
      assert.ok((await turnsDuring(Promise.all(Array.from({ length: 500 }, (_, index) => put(index))))) >= 5);
    });

    test('[STO8] a relaxed write is visible at once and reaches the engine with the next commit', async () => {
      await using engine = await prepare();
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      const stored = await store.write((tx) => tx.put('/g/things/lease', aThing('lease', 1)), 'relaxed');
      assert.equal(store.get('/g/things/lease'), stored);
      await store.write((tx) => tx.put('/g/things/a', aThing('a')));
      assert.equal((await store.history('/g/things/lease')).length, 1);
    });

    test('[STO9] what was acknowledged is there after a restart, and revisions go on rising', async (t) => {
      await using engine = await prepare();
      if (!engine.durable) return t.skip('the engine keeps nothing beyond the process');
      let last = 0;
      {
        await using store = await openStore({ engine: engine.open(), world: systemWorld() });
        await store.write((tx) => tx.put('/g/things/a', aThing('a', 1)));
        await store.write((tx) => tx.put('/g/things/gone', aThing('gone')));
        await store.write((tx) => tx.delete('/g/things/gone'));
        await store.write((tx) => tx.put('/g/things/lease', aThing('lease')), 'relaxed');
        last = store.revision;
      }
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      assert.deepEqual(names(store.list('/g/things/').items), ['a', 'lease']);
      const next = await store.write((tx) => tx.put('/g/things/a', aThing('a', 2)));
      assert.ok(Number(next.metadata.resourceVersion) > last);
      assert.equal((await store.history('/g/things/a')).length, 2);
    });

    test('[STO17] what a start loads is read as it was stored, however it is asked for', async (t) => {
      await using engine = await prepare();
      if (!engine.durable) return t.skip('the engine keeps nothing beyond the process');
      const things = ['a', 'b', 'c', 'd'].map((name, index) => ({
        key: `/g/things/${name}`,
        thing: aThing(name, index),
      }));
      const stored: Storable[] = [];
      const large = exactInteger(2n ** 63n - 1n);
      {
        await using store = await openStore({ engine: engine.open(), world: systemWorld() });
        for (const { key, thing } of things) stored.push(await store.write((tx) => tx.put(key, { ...thing, large })));
      }
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      assert.equal(store.count('/g/things/'), 4);
      const alone = store.get('/g/things/a');
      assert.ok(Object.isFrozen(alone) && Object.isFrozen(alone?.metadata));
      assert.deepEqual(alone, stored[0]);
      assert.deepEqual(await store.write((tx) => tx.get('/g/things/b')), stored[1]);
      const watch = store.watch('/g/things/', { since: store.revision, signal: t.signal });
      await store.write((tx) => tx.delete('/g/things/c'));
      const [change] = await take(watch, 1);
      assert.deepEqual(change?.previous, stored[2]);
      const listed = store.list('/g/things/').items;
      assert.deepEqual(listed, [stored[0], stored[1], stored[3]]);
      assert.equal(listed[0], alone);
    });

    test('[STO10] a commit that fails rejects every write that built on it, shows none, and the next write succeeds', async () => {
      await using engine = await prepare();
      const faulty = faultyEngine(engine.open());
      await using store = await openStore({ engine: faulty.engine, world: systemWorld() });
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 1)));
      faulty.failNext(new Error('database or disk is full'));
      const failed = await Promise.allSettled([
        store.write((tx) => tx.put('/g/things/a', aThing('a', 2))),
        store.write((tx) => (tx.get('/g/things/a') as Thing).value),
      ]);
      assert.deepEqual(
        failed.map(({ status }) => status),
        ['rejected', 'rejected'],
      );
      assert.ok((failed[0] as PromiseRejectedResult).reason instanceof StoreUnavailableError);
      assert.equal((store.get('/g/things/a') as Thing).value, 1);
      await store.write((tx) => tx.put('/g/things/a', aThing('a', 3)));
      assert.equal((store.get('/g/things/a') as Thing).value, 3);
    });

    test('[STO11] events replayed onto a list equal a later list, for any sequence of writes', async () => {
      await using engine = await prepare();
      const world = virtualWorld({ seed: 7 });
      await using store = await openStore({ engine: engine.open(), world: systemWorld() });
      await randomWrites(store, world, 100);
      const start = store.list('/g/things/');
      const stop = new AbortController();
      const watch = store.watch('/g/things/', { since: start.revision, signal: stop.signal });
      await randomWrites(store, world, 300);
      const replayed = new Map(start.items.map((each) => [each.metadata.name, each]));
      let at = start.revision;
      for await (const batch of watch) {
        for (const { type, revision, object } of batch) {
          assert.ok(revision > at, 'revisions rise strictly');
          at = revision;
          if (type === 'put') replayed.set(object.metadata.name, object);
          else replayed.delete(object.metadata.name);
        }
        if (watch.progress() === store.revision) stop.abort();
      }
      const end = store.list('/g/things/');
      assert.deepEqual(
        [...replayed.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
        end.items,
      );
      assert.deepEqual(store.list('/g/things/', { revision: start.revision }).items, start.items);
    });
  });
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

const names = (items: readonly Storable[]): string[] => items.map((each) => each.metadata.name);

function virtualWorldAt(nowMs: number): World {
  const world = virtualWorld();
  return {
    ...world,
    clock: {
      now: () => nowMs,
      setTimer: (...args) => world.clock.setTimer(...args),
      sleep: (...args) => world.clock.sleep(...args),
      nextTurn: () => world.clock.nextTurn(),
    },
  };
}

async function take(watch: AsyncIterable<readonly StoreEvent[]>, count: number): Promise<StoreEvent[]> {
  const seen: StoreEvent[] = [];
  for await (const batch of watch) {
    seen.push(...batch);
    if (seen.length >= count) break;
  }
  return seen;
}

function faultyEngine(engine: Engine): { engine: Engine; failNext: (error: Error) => void } {
  let failure: Error | undefined;
  return {
    failNext: (error) => {
      failure = error;
    },
    engine: {
      load: () => engine.load(),
      history: (key) => engine.history(key),
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
      commit: async (rows) => {
        const error = failure;
        failure = undefined;
        if (error !== undefined) throw error;
        await engine.commit(rows);
      },
    },
  };
}

async function randomWrites(store: Store, { random }: Pick<World, 'random'>, count: number): Promise<void> {
  const writes = Array.from({ length: count }, (_, index) => {
    const key = `/g/things/${String.fromCharCode(97 + Math.floor(random() * 20))}`;
    const name = key.slice(-1);
    return random() < 0.3 ? store.write((tx) => tx.delete(key)) : store.write((tx) => tx.put(key, aThing(name, index)));
  });
  await Promise.all(writes);
}
