import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ListMeta } from '#api/types/meta-v1';
import { aWire, type Json, type Wire } from './wire.ts';

// As many as upstream makes; each page is smaller.
const COUNT = 400;
const PATH = '/api/v1/namespaces/default/podtemplates';

let wire: Wire;
before(async () => {
  wire = await aWire();
  const template = { metadata: {}, spec: { containers: [{ name: 'test', image: 'test2' }] } };
  const numbers = Array.from({ length: COUNT }, (_, index) => index);
  await Promise.all(
    numbers.map((number) =>
      wire.post(PATH, { metadata: { name: `template-${String(number).padStart(4, '0')}` }, template }),
    ),
  );
});
after(() => wire[Symbol.asyncDispose]());

const metaOf = (list: Json): ListMeta => list.metadata as unknown as ListMeta;
const namesOf = ({ items = [] }: Json): readonly string[] => items.map(({ metadata }) => metadata.name);
const pageOf = (limit: number, token?: string): Promise<Json> =>
  wire.get(`${PATH}?limit=${limit}${token === undefined ? '' : `&continue=${token}`}`);

test('[CFM50] a list in pages of any size is the whole list, at one revision, with the number of those to come', async () => {
  for (const limit of [39, 80, 200]) {
    const names: string[] = [];
    const revisions = new Set<string | undefined>();
    for (let token: string | undefined = ''; token !== undefined;) {
      const page = await pageOf(limit, token === '' ? undefined : token);
      const { continue: next, remainingItemCount = 0, resourceVersion } = metaOf(page);
      names.push(...namesOf(page));
      revisions.add(resourceVersion);
      assert.equal(names.length + remainingItemCount, COUNT);
      token = next;
    }
    assert.deepEqual(names, namesOf(await wire.get(PATH)));
    assert.equal(revisions.size, 1);
  }
});
