/** Checks every watch that passes through a request handler, and at the end that what was told is what a list shows. */
import assert from 'node:assert/strict';
import { matchesLabels } from '#api/meta/label-selector';
import { parseSelector } from '#api/meta/label-selector-parser';
import type { ApiObject } from '#api/object';
import type { ApiRequest, RequestHandler, WatchEvent } from '#api/request';
import type { Client } from '#client/client';
import type { Store } from '#store/store';
import { EventChecker, keyOf, type Replay, type WatchTerms } from './event-checker.ts';

export type CheckedWatches = {
  readonly handle: RequestHandler;
  /** Throws when a watch broke its promise. Call it before the store is closed. */
  finish(): Promise<void>;
};

type Watched = { readonly request: ApiRequest; readonly checker: EventChecker };

export function checkedWatches(inner: RequestHandler, store: Pick<Store, 'revision'>): CheckedWatches {
  const watched: Watched[] = [];
  return {
    async handle(request) {
      const before = store.revision;
      const result = await inner(request);
      if (result.type !== 'watch') return result;
      const checker = new EventChecker(termsOf(request, before === store.revision ? before : undefined));
      watched.push({ request, checker });
      return { ...result, events: checkedEvents(result.events, checker) };
    },
    async finish() {
      const problems: string[] = [];
      for (const { request, checker } of watched) {
        const { plural, namespace = '' } = request;
        const differences = await replayProblems(inner, request, checker.replay);
        problems.push(...[...checker.violations, ...differences].map((each) => `${plural} in "${namespace}": ${each}`));
      }
      assert.deepEqual(problems, [], 'a watch broke its promise');
    },
  };
}

/** The same for what a client of any transport is told; there is no list to compare with. */
export function checkedClient(inner: Client): { readonly client: Client; finish(): void } {
  const checkers: EventChecker[] = [];
  const client: Client = {
    ...methodsOf(inner),
    watch(type, options) {
      const { namespace, labelSelector, resourceVersion, allowWatchBookmarks, sendInitialEvents } = options;
      const asked = { labelSelector, resourceVersion, allowWatchBookmarks, sendInitialEvents };
      const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
      const checker = new EventChecker(termsOf({ options: given, ...(namespace === undefined ? {} : { namespace }) }));
      checkers.push(checker);
      return checkedEvents(inner.watch(type, options), checker) as ReturnType<typeof inner.watch<never>>;
    },
  };
  return {
    client,
    finish: () =>
      assert.deepEqual(
        checkers.flatMap(({ violations }) => violations),
        [],
        'a watch broke its promise',
      ),
  };
}

function methodsOf(client: Client): Client {
  return {
    get: client.get.bind(client),
    list: client.list.bind(client),
    watch: client.watch.bind(client),
    create: client.create.bind(client),
    update: client.update.bind(client),
    patch: client.patch.bind(client),
    delete: client.delete.bind(client),
    deleteCollection: client.deleteCollection.bind(client),
    createSubresource: client.createSubresource.bind(client),
    getScale: client.getScale.bind(client),
    updateScale: client.updateScale.bind(client),
  };
}

async function* checkedEvents(
  events: AsyncIterable<readonly WatchEvent[]>,
  checker: EventChecker,
): AsyncGenerator<readonly WatchEvent[]> {
  for await (const batch of events) {
    for (const event of batch) {
      if (event.type !== 'BOOKMARK' && event.type !== 'ERROR' && !Object.isFrozen(event.object)) {
        checker.violations.push(`${event.type} ${keyOf(event.object)} is not frozen`);
      }
      checker.accept(event);
    }
    yield batch;
  }
}

/** What the request asks of its events. */
export function termsOf(
  { options, namespace, name }: Pick<ApiRequest, 'options' | 'namespace' | 'name'>,
  revision?: number,
): WatchTerms {
  const version = Number(options.resourceVersion ?? 0);
  const tellsFirst = options.sendInitialEvents ?? version === 0;
  const labels = parseSelector(options.labelSelector ?? '');
  return {
    since: tellsFirst ? undefined : version > 0 ? version : (revision ?? 0),
    readAt: tellsFirst ? revision : undefined,
    endMarked: options.sendInitialEvents === true && options.allowWatchBookmarks === true,
    bookmarks: options.allowWatchBookmarks === true,
    concerns: ({ metadata }) =>
      (namespace === undefined || namespace === '' || metadata.namespace === namespace) &&
      (name === undefined || metadata.name === name) &&
      matchesLabels(labels, metadata.labels),
  };
}

/** Told changes over what there was at the start must give what there is at the revision of the last of them. */
async function replayProblems(
  handle: RequestHandler,
  request: ApiRequest,
  replay: Replay | undefined,
): Promise<readonly string[]> {
  if (replay === undefined) return [];
  const start = replay.complete
    ? new Map<string, ApiObject>()
    : await listAt(handle, request, request.options.resourceVersion);
  const listed = await listAt(handle, request, String(replay.revision));
  if (start === undefined || listed === undefined) return [];
  const held = new Map(start);
  for (const [key, object] of replay.objects) {
    if (object === undefined) held.delete(key);
    else held.set(key, object);
  }
  const keys = new Set([...held.keys(), ...listed.keys()]);
  return [...keys].flatMap((key) => {
    const [told, there] = [held.get(key), listed.get(key)].map(
      (object) => object?.metadata.resourceVersion ?? 'absent',
    );
    return told === there ? [] : [`told ${key} at ${told}, but the list of ${replay.revision} has it at ${there}`];
  });
}

/** Undefined when that revision is no longer known, or nobody may list. */
async function listAt(
  handle: RequestHandler,
  { options, name, namespace, ...request }: ApiRequest,
  resourceVersion: string | undefined,
): Promise<ReadonlyMap<string, ApiObject> | undefined> {
  if (resourceVersion === undefined || resourceVersion === '0') return undefined;
  const { labelSelector, fieldSelector } = options;
  try {
    const result = await handle({
      ...request,
      ...(namespace === undefined ? {} : { namespace }),
      verb: 'list',
      signal: new AbortController().signal,
      options: {
        resourceVersion,
        resourceVersionMatch: 'Exact',
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
    });
    if (result.type !== 'list') return undefined;
    const items = result.list.items.filter(({ metadata }) => name === undefined || metadata.name === name);
    return new Map(items.map((item) => [keyOf(item), item]));
  } catch {
    return undefined;
  }
}
