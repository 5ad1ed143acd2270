/** Writes objects one after the other and tells its parent of each that was acknowledged; meant to be killed. */
import { systemWorld } from '#base/world';
import { openStore } from '#store/mvcc-store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import { aThing } from './store.contract.ts';

const [, , path = ''] = process.argv;
const store = await openStore({ engine: sqliteEngine({ path }), world: systemWorld() });
for (let value = 0; ; value++) {
  await store.write((tx) => tx.put(`/g/things/${value}`, aThing(String(value), value)));
  process.send?.(value);
}
