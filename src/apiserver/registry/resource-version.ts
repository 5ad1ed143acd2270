/** What a `resourceVersion` in a read means, and waiting for one this server has not reached. */
import { ApiError, badRequestError } from '#api/errors';
import type { World } from '#base/world';
import { RevisionCompactedError, type Store } from '#store/store';

// Upstream's watch cache waits as long for a revision that another server may have shown the client already.
const WAIT_MS = 3000;
const POLL_MS = 50;

/** The number a client gave; undefined for none, 0 for "any". */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    // Upstream's words; its code for them, 500, it takes for a mistake itself.
    const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
    const parsing = `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`;
    throw badRequestError(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${parsing}`);
  }
  return Number(text);
}

type Waiting = {
  readonly store: Store;
  readonly world: World;
  readonly signal: AbortSignal;
};

/** Resolves when the store has reached `revision`; throws upstream's timeout, which tells the client to list again. */
export async function waitForRevision(revision: number, { store, world, signal }: Waiting): Promise<void> {
  for (let waitedMs = 0; store.revision < revision; waitedMs += POLL_MS) {
    if (waitedMs >= WAIT_MS) throw tooLarge(revision, store.revision);
    await world.clock.sleep(POLL_MS, signal);
  }
}

function tooLarge(asked: number, current: number): ApiError {
  return new ApiError('Timeout', `Too large resource version: ${asked}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

/** What is said of a past that is no longer known, and where to go on all the same. */
export type Expiry = { readonly message: string; readonly continue?: string };

/** Runs a read of the past; one that is no longer known becomes `Expired`. */
export function reading<T>(read: () => T, expiry: (error: RevisionCompactedError) => Expiry): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RevisionCompactedError)) throw error;
    const { message, ...rest } = expiry(error);
    throw new ApiError('Expired', message, { cause: error, ...rest });
  }
}
