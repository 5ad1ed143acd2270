import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ConfigMap } from '#api/core/config-map';
import { Secret } from '#api/core/secret';
import { createEventRecorder } from '#client/event-recorder';
import { keyOf, refOfKey } from '#client/key';
import { ApiError } from '#api/errors';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aMeta } from '#test/builders/workloads';
import { heldInformers } from '#test/fakes/held-informers';
import { defineController, on, type Context, type Controller, type Outcome } from './controller.ts';
import { runController } from './run-controller.ts';

const namespace = 'default';

function aController(reconcile: (key: string, context: Context) => Promise<Outcome | void>, workers = 5): Controller {
  return defineController({
    name: 'tester',
    reads: [ConfigMap],
    writes: [ConfigMap],
    workers,
    triggers: [on(ConfigMap, ({ after }) => (after === undefined ? [] : [keyOf(after)]))],
    reconcile,
  });
}

function run(cluster: TestCluster, controller: Controller): void {
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: controller.name });
    await runController(controller, { ...cluster, signal, events });
  });
}

test('[CTL5] a controller reads and writes only the kinds it declared', async () => {
  await using cluster = await aCluster();
  const refusals: string[] = [];
  const note = (error: unknown): void => void refusals.push(error instanceof Error ? error.message : '');
  run(
    cluster,
    aController(async (_key, context) => {
      try {
        context.get(Secret, { namespace, name: 'a' });
      } catch (error) {
        note(error);
      }
      await context.client.create(Secret, { metadata: { namespace, name: 'a' } }).catch(note);
    }),
  );
  await cluster.client.create(ConfigMap, { metadata: { namespace, name: 'a' } });
  await cluster.world.settle();
  assert.deepEqual(refusals, [
    'Cannot read Secret in controller "tester": it did not declare that',
    'Cannot write Secret in controller "tester": it did not declare that',
  ]);
  assert.throws(
    () =>
      defineController({
        name: 'blind',
        reads: [],
        writes: [],
        triggers: [on(ConfigMap, () => [])],
        reconcile: async () => undefined,
      }),
    /Cannot define controller "blind": it is woken by ConfigMap but does not read it/,
  );
});

test('[CTL6] everything that is there when a controller starts is reconciled, and what fails comes back later', async () => {
  await using cluster = await aCluster();
  for (const name of ['a', 'b']) await cluster.client.create(ConfigMap, { metadata: { namespace, name } });
  const seen: string[] = [];
  run(
    cluster,
    aController(async (key) => {
      seen.push(key);
      if (key === 'default/a' && seen.length < 5) throw new ApiError('Conflict', 'somebody was faster');
    }),
  );
  await cluster.world.advance(1000);
  assert.deepEqual(seen, ['default/a', 'default/b', 'default/a', 'default/a', 'default/a']);
});

test('[CTL6b] what goes while a controller is told what is there is told as well, of whichever kind it is', async () => {
  await using cluster = await aCluster();
  const informers = heldInformers();
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: aMeta('owner') } as const;
  informers.put(ConfigMap, owner);
  informers.put(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: aMeta('owned') });
  const heard: string[] = [];
  const controller = defineController({
    name: 'tester',
    reads: [ConfigMap, Secret],
    writes: [],
    triggers: [
      on(Secret, () => {
        queueMicrotask(() => informers.remove(ConfigMap, owner));
        return [];
      }),
      on(ConfigMap, ({ after }) => {
        heard.push(after === undefined ? 'gone' : 'there');
        return [];
      }),
    ],
    reconcile: async () => undefined,
  });
  run({ ...cluster, informers }, controller);
  await cluster.world.settle();
  assert.deepEqual(heard, ['there', 'gone']);
});

test('[CTL7] one key is reconciled by one worker at a time, and again when it asked for it', async () => {
  await using cluster = await aCluster();
  const { world } = cluster;
  let running = 0;
  const times: number[] = [];
  run(
    cluster,
    aController(async (key, context) => {
      assert.equal(++running, 1);
      await world.clock.sleep(100);
      running--;
      times.push(world.clock.now());
      const object = context.get(ConfigMap, refOfKey(key));
      if (times.length === 1 && object !== undefined)
        await context.client.update(ConfigMap, { ...object, data: { a: 'b' } });
      return times.length === 2 ? { againInMs: 5000 } : undefined;
    }),
  );
  const startMs = world.clock.now();
  await cluster.client.create(ConfigMap, { metadata: { namespace, name: 'a' } });
  await world.advance(10_000);
  assert.deepEqual(
    times.map((ms) => ms - startMs),
    [100, 200, 5300],
  );
});

test('[CTL7b] a controller that asks to be called again at once, every time, leaves others a turn', async () => {
  await using cluster = await aCluster();
  let calls = 0;
  run(
    cluster,
    aController(async () => {
      if (++calls > 5_000) throw new TypeError('without a pause'); // or the test would never end
      return { againInMs: 0 };
    }),
  );
  await cluster.client.create(ConfigMap, { metadata: { namespace, name: 'a' } });
  await cluster.world.advance(1_000);
  assert.ok(calls > 10 && calls <= 210, `${calls} calls in a second`);
});

test('[CTL8] an aborted controller finishes what it is doing, starts nothing new and leaves no timer', async () => {
  const cluster = await aCluster();
  const { world } = cluster;
  let finished = 0;
  run(
    cluster,
    aController(async () => {
      await world.clock.sleep(100);
      finished++;
      return { againInMs: 60_000 };
    }, 1),
  );
  for (const name of ['a', 'b']) await cluster.client.create(ConfigMap, { metadata: { namespace, name } });
  await world.settle();
  const disposed = cluster[Symbol.asyncDispose]();
  await world.advance(1000);
  await disposed;
  assert.deepEqual({ finished, timers: world.pendingTimers() }, { finished: 1, timers: 0 });
});

test('[CTL7d] a rest ends when something else is asked of the object itself', async () => {
  await using cluster = await aCluster();
  const seen: string[] = [];
  const reconcile = async (key: string): Promise<Outcome> => {
    seen.push(key);
    return { restMs: 1000 };
  };
  const watching = defineController({
    ...aController(reconcile, 1),
    reads: [Deployment],
    triggers: [on(Deployment, ({ after }) => (after === undefined ? [] : [keyOf(after)]))],
  });
  run(cluster, watching);
  const containers = [{ name: 'web', image: 'web:1' }];
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  const first = await cluster.client.create(Deployment, { metadata: { namespace, name: 'web' }, spec });
  await cluster.world.advance(10);
  const labelled = await cluster.client.update(Deployment, { ...first, metadata: { ...first.metadata, labels } });
  await cluster.world.advance(10);
  const collected = seen.length;
  await cluster.client.update(Deployment, { ...labelled, spec: { ...labelled.spec, replicas: 2 } });
  await cluster.world.advance(10);
  assert.deepEqual([collected, seen.length], [1, 2]);
});

test('[CTL7c] what comes for a key while it rests is done together, once, when its rest is over', async () => {
  await using cluster = await aCluster();
  const seen: string[] = [];
  const reconcile = async (key: string): Promise<Outcome> => {
    seen.push(key);
    return { restMs: 1000 };
  };
  run(cluster, aController(reconcile, 1));
  const create = (name: string) => cluster.client.create(ConfigMap, { metadata: { namespace, name } });
  let map = await create('a');
  await cluster.world.settle();
  for (const round of ['1', '2', '3']) {
    map = await cluster.client.update(ConfigMap, { ...map, data: { round } });
    await cluster.world.advance(100);
  }
  await create('b');
  await cluster.world.settle();
  const early = [...seen];
  await cluster.world.advance(5000);
  assert.deepEqual(early, ['default/a', 'default/b']);
  assert.deepEqual(seen, ['default/a', 'default/b', 'default/a']);
});
