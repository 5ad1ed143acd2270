/** The operations on served resources, as OpenAPI describes them. */
import type { JsonObject } from '../meta/json-value.ts';
import type { Dialect } from './openapi-definitions.ts';
import type { GroupVersionKind } from './schema.ts';

/** What the server offers of one kind. Verbs are those of discovery. */
export type ServedResource = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly ServedSubresource[];
  /** Of a kind that users defined. */
  readonly model?: CustomModel;
};

/** The definitions of a kind that is not in the schema table. */
export type CustomModel = {
  readonly name: string;
  readonly listName: string;
  readonly define: (dialect: Dialect) => JsonObject;
  readonly defineList: (dialect: Dialect) => JsonObject;
};

export type ServedSubresource = {
  readonly name: string;
  /** What is sent and returned: the kind itself for `status`, `Scale` for `scale`. */
  readonly type: GroupVersionKind;
  readonly verbs: readonly string[];
};

/** One method of one path, before a dialect writes it down. */
export type Operation = {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly id: string;
  readonly action: string;
  readonly gvk: GroupVersionKind;
  /** Of the resource, which is not always what comes in or goes out. */
  readonly model: CustomModel | undefined;
  /** What comes in, by kind; a patch is any object. */
  readonly body: GroupVersionKind | 'Patch' | 'DeleteOptions' | undefined;
  readonly result: GroupVersionKind | 'List' | 'Status';
  readonly pathParameters: readonly string[];
  readonly queryParameters: readonly QueryParameter[];
};

export type QueryParameter = { readonly name: string; readonly type: 'string' | 'boolean' | 'integer' };

const text = (name: string): QueryParameter => ({ name, type: 'string' });
const flag = (name: string): QueryParameter => ({ name, type: 'boolean' });
const count = (name: string): QueryParameter => ({ name, type: 'integer' });

const PRETTY = [text('pretty')];
const WRITING = [...PRETTY, text('dryRun'), text('fieldManager'), text('fieldValidation')];
const DELETING = [
  ...PRETTY,
  text('dryRun'),
  count('gracePeriodSeconds'),
  flag('orphanDependents'),
  text('propagationPolicy'),
];
const LISTING = [
  ...PRETTY,
  flag('allowWatchBookmarks'),
  text('continue'),
  text('fieldSelector'),
  text('labelSelector'),
  count('limit'),
  text('resourceVersion'),
  text('resourceVersionMatch'),
  flag('sendInitialEvents'),
  count('timeoutSeconds'),
  flag('watch'),
];

type Shape = {
  readonly verb: string;
  readonly method: Operation['method'];
  readonly action: string;
  readonly scope: 'collection' | 'object';
  readonly body: 'self' | 'Patch' | 'DeleteOptions' | undefined;
  readonly result: 'self' | 'List' | 'Status';
  readonly query: readonly QueryParameter[];
};

const SHAPES: readonly Shape[] = [
  { verb: 'list', method: 'get', action: 'list', scope: 'collection', body: undefined, result: 'List', query: LISTING },
  { verb: 'create', method: 'post', action: 'post', scope: 'collection', body: 'self', result: 'self', query: WRITING },
  {
    verb: 'deletecollection',
    method: 'delete',
    action: 'deletecollection',
    scope: 'collection',
    body: 'DeleteOptions',
    result: 'Status',
    query: [...LISTING, ...DELETING.slice(1)],
  },
  { verb: 'get', method: 'get', action: 'get', scope: 'object', body: undefined, result: 'self', query: PRETTY },
  { verb: 'update', method: 'put', action: 'put', scope: 'object', body: 'self', result: 'self', query: WRITING },
  {
    verb: 'patch',
    method: 'patch',
    action: 'patch',
    scope: 'object',
    body: 'Patch',
    result: 'self',
    query: [...WRITING, flag('force')],
  },
  {
    verb: 'delete',
    method: 'delete',
    action: 'delete',
    scope: 'object',
    body: 'DeleteOptions',
    result: 'Status',
    query: DELETING,
  },
];

/** Every operation that the resource offers, its subresources included. */
export function operationsOf(resource: ServedResource): readonly Operation[] {
  const { group, version, kind, namespaced, verbs, model } = resource;
  const collection = collectionPath(resource, namespaced ? 'namespaces/{namespace}/' : '');
  const base = { group, version, kind, namespaced, collection, model };
  const own = offered({ ...base, gvk: { group, version, kind }, suffix: '', verbs });
  const subresources = resource.subresources.flatMap(({ name, type, verbs: offeredVerbs }) =>
    offered({ ...base, gvk: type, suffix: `/${name}`, verbs: offeredVerbs }),
  );
  return [...own, ...(namespaced ? listOfAllNamespaces(resource, own) : []), ...subresources];
}

function listOfAllNamespaces(resource: ServedResource, own: readonly Operation[]): readonly Operation[] {
  const { group, version, kind } = resource;
  const id = `list${groupTitle(group)}${capitalised(version)}${kind}ForAllNamespaces`;
  return own
    .filter(({ action }) => action === 'list')
    .map((operation) => ({ ...operation, id, path: collectionPath(resource, ''), pathParameters: [] }));
}

type Offer = Pick<ServedResource, 'version' | 'kind' | 'namespaced' | 'verbs' | 'group'> & {
  readonly gvk: GroupVersionKind;
  readonly collection: string;
  readonly suffix: string;
  readonly model: CustomModel | undefined;
};

/** Everything about a subresource, creating one too, happens at the object. */
function offered({ gvk, collection, suffix, verbs, namespaced, model, ...resource }: Offer): readonly Operation[] {
  return SHAPES.filter(({ verb }) => verbs.includes(verb)).map((shape) => {
    const onObject = shape.scope === 'object' || suffix !== '';
    return {
      path: onObject ? `${collection}/{name}${suffix}` : collection,
      method: shape.method,
      id: operationId(shape, { ...resource, namespaced, suffix }),
      action: shape.action,
      gvk,
      model,
      body: shape.body === 'self' ? gvk : shape.body,
      result: shape.result === 'self' ? gvk : shape.result,
      pathParameters: [...(onObject ? ['name'] : []), ...(namespaced ? ['namespace'] : [])],
      queryParameters: shape.query,
    };
  });
}

function collectionPath({ group, version, plural }: ServedResource, scope: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}/${scope}${plural}`;
}

type Named = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly suffix: string;
};

/** `patchAppsV1NamespacedDeploymentStatus`: what generated clients call their methods. */
function operationId({ verb }: Shape, { group, version, kind, namespaced, suffix }: Named): string {
  const names: Readonly<Record<string, string>> = {
    get: 'read',
    update: 'replace',
    deletecollection: 'deleteCollection',
  };
  const scope = namespaced ? 'Namespaced' : '';
  return `${names[verb] ?? verb}${groupTitle(group)}${capitalised(version)}${scope}${kind}${capitalised(suffix.slice(1))}`;
}

/** `Core`, `Apps`, `Discovery`: the first part of the group's name. */
function groupTitle(group: string): string {
  return group === '' ? 'Core' : capitalised(group.split('.')[0] ?? '');
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Operations by path, each path's by method, both in the order they came; a later one for the same place is dropped. */
export function groupByPath(
  operations: readonly Operation[],
  write: (operation: Operation) => JsonObject,
): ReadonlyMap<string, JsonObject> {
  const paths = new Map<string, Map<string, JsonObject>>();
  for (const operation of operations) {
    const methods = paths.get(operation.path) ?? new Map<string, JsonObject>();
    paths.set(operation.path, methods);
    if (!methods.has(operation.method)) methods.set(operation.method, write(operation));
  }
  return new Map([...paths].map(([path, methods]) => [path, Object.fromEntries(methods)]));
}
