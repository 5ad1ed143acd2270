/** Joins a client's connection with one into a pod until either has nothing more to say. */
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Rejects with what went wrong on the pod's side; a client that goes away is no error. */
export async function join(client: Duplex, target: Duplex): Promise<void> {
  let failure: Error | undefined;
  target.once('error', (error) => {
    failure = error;
  });
  await Promise.all([
    pipeline(client, target).catch(() => undefined),
    // The client has the whole answer then, and need not close for the pod's connection to end.
    pipeline(target, client)
      .catch(() => undefined)
      .then(() => target.destroy()),
  ]);
  if (failure !== undefined) throw failure;
}
