/** Watches: what matches now if asked, then every change, until the time is up or the client leaves. */
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, WatchEvent } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { abortScope, type AbortScope } from '#base/abort';
import type { World } from '#base/world';
import type { StoreWatch } from '#store/store';
import type { RegistryContext } from './context.ts';
import { requireWatchOptions } from './read-options.ts';
import { parseResourceVersion, reading, waitForRevision } from './resource-version.ts';
import { type Selection, selectionOf } from './selection.ts';
import { EventStream, type WatchStream } from './watch-stream.ts';

// A watch without a timeout ends after 30 to 60 minutes, so that clients spread over servers again.
const DEFAULT_TIMEOUT_MS = 30 * 60_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

export async function watchObjects(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const { options } = request;
  const selection = selectionOf(definition, request, context.served);
  requireWatchOptions(options);
  const version = parseResourceVersion(options.resourceVersion);
  if (version !== undefined) await waitForRevision(version, { ...context, signal: request.signal });
  const start = startOf(context, selection, { version, asked: options.sendInitialEvents });
  const scope = abortScope(request.signal);
  const source = watchFrom(context, selection, { since: start.since, scope });
  const isEndWanted = options.sendInitialEvents === true && options.allowWatchBookmarks === true;
  const end = isEndWanted ? [bookmarkOf(definition, start.since, INITIAL_EVENTS_END)] : [];
  const stream: WatchStream = {
    source,
    since: start.since,
    initial: [...start.initial, ...end],
    matches: selection.matches,
    bookmark: options.allowWatchBookmarks === true ? (revision) => bookmarkOf(definition, revision) : undefined,
    timeoutMs: timeoutOf(options.timeoutSeconds, context.world),
    scope,
  };
  return { type: 'watch', events: new EventStream(stream, context.world) };
}

type Start = { readonly since: number; readonly initial: readonly WatchEvent[] };
type Wish = { readonly version: number | undefined; readonly asked: boolean | undefined };

/** Without a revision, or from "any", a watch tells what there is before it tells what changes. */
function startOf({ store }: RegistryContext, { prefix, matches }: Selection, { version, asked }: Wish): Start {
  if (version !== undefined && version > 0 && asked !== true) return { since: version, initial: [] };
  if (asked === false) return { since: store.revision, initial: [] };
  const { revision, items } = store.list(prefix);
  const present = matches === undefined ? items : (items as readonly ApiObject[]).filter(matches);
  return { since: revision, initial: (present as readonly ApiObject[]).map((object) => ({ type: 'ADDED', object })) };
}

type From = { readonly since: number; readonly scope: AbortScope };

function watchFrom({ store }: RegistryContext, { prefix, only }: Selection, { since, scope }: From): StoreWatch {
  const which = only === undefined ? {} : { only };
  try {
    return reading(
      () => store.watch(prefix, { since, signal: scope.signal, ...which }),
      ({ oldest }) => ({ message: `too old resource version: ${since} (${oldest})` }),
    );
  } catch (error) {
    scope[Symbol.dispose]();
    throw error;
  }
}

function timeoutOf(seconds: number | undefined, { random }: World): number {
  return seconds === undefined || seconds <= 0 ? DEFAULT_TIMEOUT_MS * (1 + random()) : seconds * 1000;
}

/** An event that carries a revision and nothing else: everything up to it was sent. */
function bookmarkOf({ apiVersion, kind }: ResourceDefinition, revision: number, annotation?: string): WatchEvent {
  const metadata = {
    resourceVersion: String(revision),
    ...(annotation === undefined ? {} : { annotations: { [annotation]: 'true' } }),
  };
  return { type: 'BOOKMARK', object: { apiVersion, kind, metadata: metadata as ApiObject['metadata'] } };
}
