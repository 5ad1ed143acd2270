/** What to do about a write whose answer is lost: see what became of it, lest the next decision is made from what was before. */
import { isApiError } from '#api/errors';
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';
import { type BackoffPolicy, backoffMs } from '#base/backoff';
import type { World } from '#base/world';
import type { Client } from './client.ts';
import type { Informers } from './informer.ts';

// While the server is away there is nothing else to do.
const AGAIN: BackoffPolicy = { baseMs: 50, capMs: 5_000, jitter: 0.5 };

/** Whether the server may have done what failed: what it refuses it has not done. */
export function mayBeDone(error: unknown): boolean {
  return !isApiError(error) || error.code >= 500;
}

export type Sight = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
  readonly signal: AbortSignal;
};

/** Brings what the informer holds of one object up to now; as long as nobody answers, tries again. */
export async function lookAgain<T extends ApiObject>(
  type: ResourceType<T>,
  ref: ObjectRef,
  { client, informers, world, signal }: Sight,
): Promise<void> {
  const { namespace, name } = ref;
  const scope = namespace === undefined ? {} : { namespace };
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      // A list, which everyone may ask for who has an informer, and which tells as of when there is no such object.
      const { items, resourceVersion } = await client.list(type, {
        ...scope,
        signal,
        fieldSelector: `metadata.name=${name}`,
      });
      const [found] = items;
      const informer = informers.for(type);
      const held = informer.get(ref);
      if (found !== undefined) informer.observe(found, 'written');
      else if (held !== undefined)
        informer.observe({ ...held, metadata: { ...held.metadata, resourceVersion } }, 'removed');
      return;
    } catch (error) {
      if (!mayBeDone(error)) return; // the stream will tell
      await world.clock.sleep(backoffMs(failures, AGAIN, world.random), signal);
    }
  }
}
