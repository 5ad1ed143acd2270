/** Gets and lists: one object, or all that match, at one revision, in pages if asked. */
import { badRequestError, notFoundError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, ListResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { World } from '#base/world';
import type { ListOptions, ListPage } from '#store/store';
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts';
import type { RegistryContext } from './context.ts';
import { objectKey } from './keys.ts';
import { requireListOptions } from './read-options.ts';
import { type Expiry, parseResourceVersion, reading, waitForRevision } from './resource-version.ts';
import { type Selection, selectionOf } from './selection.ts';

export async function getObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const { name = '', namespace, options, signal } = request;
  const wanted = parseResourceVersion(options.resourceVersion);
  if (wanted !== undefined) await waitForRevision(wanted, { ...context, signal });
  return { type: 'object', status: 200, object: storedObject(context, definition, { name, namespace }) };
}

export function storedObject(
  { store }: Pick<RegistryContext, 'store'>,
  definition: ResourceDefinition,
  ref: { readonly name: string; readonly namespace?: string | undefined },
): ApiObject {
  const object = store.get(objectKey(definition, ref)) as ApiObject | undefined;
  if (object === undefined) throw notFoundError(definition, ref.name);
  return object;
}

export async function listObjects(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ListResult> {
  const selection = selectionOf(definition, request, context.served);
  const { limit = 0 } = request.options;
  const start = await startOf(context, request);
  const read: Read = (where) =>
    reading(
      () => context.store.list(selection.prefix, where),
      () => expiryOf(start),
    );
  const page = await pageOf(read, { world: context.world, selection, limit, start, definition });
  const items = page.items as readonly ApiObject[];
  const resourceVersion = String(page.revision);
  if (page.more === undefined) return { resourceVersion, items };
  const after = page.more.after.slice(selection.prefix.length);
  return {
    resourceVersion,
    continue: encodeContinue({ revision: page.revision, after }),
    // How many more of a filtered list there are nobody knows until they are read.
    ...(selection.matches === undefined ? { remainingItemCount: page.more.remaining } : {}),
    items,
  };
}

const INCONSISTENT_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, ' +
  'or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an ' +
  'inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

function expiryOf({ after }: Start): Expiry {
  if (after === undefined) return { message: 'The resourceVersion for the provided list is too old.' };
  return { message: INCONSISTENT_CONTINUE, continue: encodeContinue({ after }) };
}

type Start = { readonly revision?: number; readonly after?: string };

/** Where and at which revision to read. */
async function startOf(context: RegistryContext, { options, signal }: ApiRequest): Promise<Start> {
  requireListOptions(options);
  const version = parseResourceVersion(options.resourceVersion);
  if (options.continue) return continued(options.continue, version);
  if (version === undefined || version === 0) return {};
  await waitForRevision(version, { ...context, signal });
  const { resourceVersionMatch, limit = 0 } = options;
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === undefined && limit > 0);
  return exact ? { revision: version } : {};
}

function continued(token: string, version: number | undefined): ContinueToken {
  if (version !== undefined && version !== 0) {
    throw badRequestError('specifying resource version is not allowed when using continue');
  }
  return decodeContinue(token);
}

// What a start has left undecoded is decoded when it is looked at: others get their turn between.
const LOOKED_AT_ONCE = 500;

type Reading = {
  readonly world: World;
  readonly definition: ResourceDefinition;
  readonly selection: Selection;
  readonly limit: number;
  readonly start: Start;
};

type Read = (where: ListOptions) => ListPage;

async function pageOf(read: Read, { definition, selection, limit, start, world }: Reading): Promise<ListPage> {
  const { prefix, matches } = selection;
  let where: ListOptions = {
    ...(start.revision === undefined ? {} : { revision: start.revision }),
    ...(start.after === undefined ? {} : { startAfter: `${prefix}${start.after}` }),
  };
  if (matches === undefined) return read(limit > 0 ? { ...where, limit } : where);
  const found: ApiObject[] = [];
  for (;;) {
    const { revision, items, more } = read({ ...where, limit: LOOKED_AT_ONCE });
    found.push(...(items as readonly ApiObject[]).filter(matches));
    const last = limit > 0 && found.length > limit ? found[limit - 1] : undefined;
    if (last !== undefined) {
      const after = objectKey(definition, last.metadata);
      return { revision, items: found.slice(0, limit), more: { after, remaining: found.length - limit } };
    }
    if (more === undefined) return { revision, items: found };
    where = { revision, startAfter: more.after };
    await world.clock.nextTurn();
  }
}
