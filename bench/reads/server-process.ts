/** A server in a process of its own: says when it is there, and ends when its parent is gone. */
import { errorMessage } from '#base/errors';
import { startServer } from '../api/https-servers.ts';
import type { FromServer, ToServer } from './start-over-objects.ts';
import type { Failed } from '../child.ts';

const tell = (message: FromServer | Failed): void => void process.send?.(message);

process.on('message', ({ databasePath, certificates }: ToServer) => {
  startServer(databasePath, certificates).then(
    (api) => {
      process.on('disconnect', () => void api[Symbol.asyncDispose]());
      tell({ port: api.port });
    },
    (error: unknown) => tell({ failed: errorMessage(error) }),
  );
});
