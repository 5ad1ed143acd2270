/** Keeps a cache true to the server: one list, then its stream, again from where it broke off. */
import { isApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ListResult, RequestOptions, WatchEvent } from '#api/request';
import type { ResourceType } from '#api/resource';
import { backoffMs, type BackoffPolicy } from '#base/backoff';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { Clock, World } from '#base/world';
import type { Client } from './client.ts';
import { revisionOf, type ObjectCache } from './object-cache.ts';

export type ReflectorFilter = Pick<RequestOptions, 'fieldSelector' | 'labelSelector'> & { readonly namespace?: string };

export type ReflectorContext = {
  readonly client: Client;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

export type Reflection<T extends ApiObject> = {
  readonly type: ResourceType<T>;
  readonly filter: ReflectorFilter;
  readonly cache: ObjectCache<T>;
  readonly onSynced: () => void;
};

// Upstream's figures: a server that is down must not be asked by everyone at once when it returns.
const BACKOFF: BackoffPolicy = { baseMs: 800, capMs: 30_000, jitter: 0.5 };
// A stream that lived this long was a good one: the next failure starts the back-off anew.
const GOOD_STREAM_MS = 10_000;
const SHORT_STREAM_MS = 1_000;
// As upstream's: to read more than that at once would keep everything else waiting.
const PAGE = 500;

/** Runs until the signal aborts. Never throws. */
export async function runReflector<T extends ApiObject>(
  reflection: Reflection<T>,
  context: ReflectorContext,
): Promise<void> {
  const { world, signal } = context;
  let failures = 0;
  let mustList = true;
  while (!signal.aborted) {
    const startedMs = world.clock.now();
    try {
      if (mustList) await list(reflection, context);
      mustList = false;
      await follow(reflection, context);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      mustList ||= isApiError(error, 'Expired', 'Gone');
      if (world.clock.now() - startedMs >= GOOD_STREAM_MS) failures = 0;
      failures++;
      report(error, reflection.type, context.logger);
    }
    // A stream that the server ends at once would otherwise be asked for again without a pause.
    if (failures === 0 && world.clock.now() - startedMs < SHORT_STREAM_MS) failures = 1;
    await pause(backoffMs(failures, BACKOFF, world.random), context);
  }
}

async function list<T extends ApiObject>(
  { type, filter, cache, onSynced }: Reflection<T>,
  { client, world, signal }: ReflectorContext,
): Promise<void> {
  for (let all = false; ; all = true) {
    try {
      const size = all ? {} : { limit: PAGE };
      const read: ReadPage<T> = (from) => client.list(type, { ...filter, signal, ...size, ...from });
      await listInto(cache, read, world.clock);
      return onSynced();
    } catch (error) {
      // So much was written while we read page after page that the revision of the first is forgotten: then all of it at once.
      if (all || !isApiError(error, 'Expired', 'Gone')) throw error;
    }
  }
}

type ReadPage<T extends ApiObject> = (from: { readonly continue?: string }) => Promise<ListResult<T>>;

async function listInto<T extends ApiObject>(
  cache: ObjectCache<T>,
  read: ReadPage<T>,
  clock: Pick<Clock, 'nextTurn'>,
): Promise<void> {
  const listing = cache.relist();
  let page = await read({});
  listing.add(page.items);
  while (page.continue !== undefined && page.continue !== '') {
    await clock.nextTurn();
    page = await read({ continue: page.continue });
    listing.add(page.items);
  }
  listing.end(Number(page.resourceVersion));
}

async function follow<T extends ApiObject>(
  { type, filter, cache }: Reflection<T>,
  { client, signal }: ReflectorContext,
): Promise<void> {
  const resourceVersion = String(cache.revision);
  const stream = client.watch(type, { ...filter, signal, resourceVersion, allowWatchBookmarks: true });
  for await (const batch of stream) {
    if (signal.aborted) return;
    for (const event of batch) take(event, cache);
  }
}

function take<T extends ApiObject>({ type, object }: WatchEvent<T>, cache: ObjectCache<T>): void {
  if (type === 'BOOKMARK') cache.passed(revisionOf(object));
  else cache.deliver(type === 'DELETED' ? 'delete' : 'put', object);
}

function report(error: unknown, type: ResourceType, logger: Logger): void {
  const kind = `${type.apiVersion} ${type.kind}`;
  // An expired revision is how a long pause ends, not a fault.
  if (isApiError(error, 'Expired', 'Gone')) logger.debug('relisting after an expired revision', { kind });
  else logger.warn('lost the stream of a kind, trying again', { kind, error: asError(error) });
}

async function pause(delayMs: number, { world, signal }: ReflectorContext): Promise<void> {
  if (delayMs <= 0) return;
  await world.clock.sleep(delayMs, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
