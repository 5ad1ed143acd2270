/** A server in a process of its own: says when it is there, and ends when its parent is gone. */
import { errorMessage } from '#base/errors';
import { systemWorld } from '#base/world';
import { openStore } from '#store/mvcc-store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import type { Driven } from '../api/https-servers.ts';
import type { FromServer, ToServer } from './start-over-objects.ts';
import type { Failed } from '../child.ts';

const tell = (message: FromServer | Failed): void => void process.send?.(message);

process.on('message', ({ databasePath, certificates }: ToServer) => {
  start(databasePath, certificates).then(
    (api) => {
      process.on('disconnect', () => void api[Symbol.asyncDispose]());
      tell({ port: api.port });
    },
    (error: unknown) => tell({ failed: errorMessage(error) }),
  );
});

/** As the program does: the store is read while the rest of the server is loaded. */
async function start(databasePath: string, certificates: ToServer['certificates']): Promise<Driven> {
  const opening = openStore({ engine: sqliteEngine({ path: databasePath }), world: systemWorld() });
  opening.catch(() => undefined); // awaited by the server
  const { startServerOn } = await import('../api/https-servers.ts');
  return await startServerOn(opening, certificates);
}
