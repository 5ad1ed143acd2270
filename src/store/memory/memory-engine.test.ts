import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryEngine } from './memory-engine.ts';

test('[STO19] memory keeps the newest revision of each object, and of the others the last ones', async () => {
  await using engine = memoryEngine({ keptRevisions: 3 });
  const put = (revision: number, key: string) => rowOf({ revision, key, type: 'put' });
  await engine.commit([put(1, 'a'), put(2, 'b'), put(3, 'b'), put(4, 'b'), put(5, 'b')]);
  assert.deepEqual([await revisionsOf('a'), await revisionsOf('b')], [[1], [2, 3, 4, 5]]);
  await engine.commit([put(6, 'c'), rowOf({ revision: 7, key: 'c', type: 'delete' })]);
  assert.deepEqual([await revisionsOf('a'), await revisionsOf('b'), await revisionsOf('c')], [[1], [4, 5], [6, 7]]);

  async function revisionsOf(key: string): Promise<readonly number[]> {
    return (await engine.history(key)).map(({ revision }) => revision);
  }
});

type Place = { readonly revision: number; readonly key: string; readonly type: 'put' | 'delete' };

function rowOf(place: Place) {
  const metadata = { name: place.key, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return { ...place, atMs: place.revision, object: { metadata } };
}
