import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { ExactInteger } from '#api/meta/exact-integer';
import { encodeProtobuf } from '#api/schema/protobuf-encode';
import { virtualWorld } from '#base/virtual-world';
import { bodyReader } from './body-reader.ts';
import { READINGS } from './decode-body.ts';

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };
const POD = { group: '', version: 'v1', kind: 'Pod' };
const POD_OBJECT = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', annotations: { note: 'ä'.repeat(60_000), __proto__: null } },
  spec: { containers: [{ name: 'main', image: 'nginx' }], terminationGracePeriodSeconds: 30 },
};
const TEXT = JSON.stringify(POD_OBJECT);

/** With the threads that were started since. */
function opened(): Disposable & {
  readonly world: ReturnType<typeof virtualWorld>;
  readonly bodies: ReturnType<typeof bodyReader>;
  readonly closing: AbortController;
  readonly threads: readonly Worker[];
} {
  const [world, closing] = [virtualWorld(), new AbortController()];
  const threads: Worker[] = [];
  const note = (worker: Worker): void => void threads.push(worker);
  process.on('worker', note);
  const dispose = (): void => {
    process.off('worker', note);
    closing.abort();
  };
  return { world, closing, threads, bodies: bodyReader(world.clock, closing.signal), [Symbol.dispose]: dispose };
}

const bodyOf = (text: string, contentType: string) => ({ bytes: Buffer.from(text), contentType });

test('[SRV38] what is read of a large body is what is read of it in place, and others have their turns meanwhile', async () => {
  using reader = opened();
  const exact = TEXT.replace('"terminationGracePeriodSeconds":30', '"terminationGracePeriodSeconds":9007199254740993');
  const bodies = [
    bodyOf(exact, 'application/json'),
    bodyOf(TEXT.replace('"main"', '"x","name":"main","odd":1'), 'application/json'),
    bodyOf(`# pod\nspec: {containers: [{name: a, name: b}]}\n#${'x'.repeat(70_000)}`, 'application/yaml'),
    { bytes: encodeProtobuf({ kind: POD, object: POD_OBJECT }), contentType: 'application/vnd.kubernetes.protobuf' },
  ];
  const wanted = { type: POD, fieldValidation: 'Warn' } as const;
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const read = await Promise.all(bodies.map((body) => reader.bodies.read('object', body, wanted)));
  clearImmediate(next);
  assert.deepEqual(
    read,
    bodies.map((body) => READINGS.object(body, wanted)),
  );
  assert.deepEqual(read[0]?.object['spec' as never]['terminationGracePeriodSeconds'], new ExactInteger(2n ** 53n + 1n));
  const [json] = bodies;
  assert.deepEqual(await reader.bodies.read('custom', json!, wanted), READINGS.custom(json!, wanted));
  const patch = { ...json!, contentType: 'application/merge-patch+json' };
  assert.deepEqual(await reader.bodies.read('patch', patch, wanted), READINGS.patch(patch, wanted));
  assert.equal(reader.threads.length, 1);
  assert.ok(turns > bodies.length, 'the event loop must have gone round');
});

test('[SRV38] what is wrong with a large body is told in the same words', async () => {
  using reader = opened();
  const wanted = { type: CONFIG_MAP, fieldValidation: 'Strict' } as const;
  const bodies = [
    bodyOf(`{"data":{"a":"${'x'.repeat(70_000)}"}`, 'application/json'),
    bodyOf(`{"odd":1,"data":{"a":"${'x'.repeat(70_000)}"}}`, 'application/json'),
    bodyOf(`- ${'x'.repeat(70_000)}`, 'application/yaml'),
    bodyOf('x'.repeat(70_000), 'application/vnd.kubernetes.protobuf'),
    bodyOf('x'.repeat(70_000), 'text/plain'),
  ];
  for (const body of bodies) {
    const error: unknown = await reader.bodies.read('object', body, wanted).catch((caught: unknown) => caught);
    assert.throws(
      () => READINGS.object(body, wanted),
      (expected) => {
        assert.deepEqual(error, expected);
        return true;
      },
    );
  }
});

const large = bodyOf(`{"data":{"a":"${'x'.repeat(70_000)}"}}`, 'application/json');
const wanted = { type: CONFIG_MAP, fieldValidation: 'Warn' } as const;

test('[SRV39] the thread for large bodies starts with the first of them and ends when none has come for a minute', async () => {
  using reader = opened();
  await reader.bodies.read('object', bodyOf('{}', 'application/json'), wanted);
  assert.equal(reader.threads.length, 0);
  await reader.bodies.read('object', large, wanted);
  await reader.world.advance(59_000);
  await reader.bodies.read('object', large, wanted);
  await reader.world.advance(59_000);
  assert.equal(reader.threads.length, 1);
  const ended = once(reader.threads[0]!, 'exit');
  await reader.world.advance(1000);
  await ended;
  await reader.bodies.read('object', large, wanted);
  assert.equal(reader.threads.length, 2);
});

test('[SRV39] the thread for large bodies ends with the server, and what waits for it is told', async () => {
  using reader = opened();
  await reader.bodies.read('object', large, wanted);
  const waiting = [1, 2].map(() => reader.bodies.read('object', large, wanted).catch((error: Error) => error.name));
  const ended = once(reader.threads[0]!, 'exit');
  reader.closing.abort();
  assert.deepEqual(await Promise.all(waiting), ['AbortError', 'AbortError']);
  await ended;
  await assert.rejects(reader.bodies.read('object', large, wanted), { name: 'AbortError' });
  assert.equal(reader.threads.length, 1);
});

test('[SRV39] after the thread for large bodies has failed, the next body gets another', async () => {
  using reader = opened();
  await reader.bodies.read('object', large, wanted);
  const failing = reader.bodies.read('object', large, { ...wanted, type: null as never });
  await assert.rejects(failing, TypeError);
  assert.equal((await reader.bodies.read('object', large, wanted)).warnings.length, 0);
  assert.equal(reader.threads.length, 2);
});
