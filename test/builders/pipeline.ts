/** A request pipeline for tests: the memory store, virtual time, and small kinds of its own. */
import type { AdmissionPlugin } from '#apiserver/admission/admission';
import type { Authorizer } from '#apiserver/authz/authorizer';
import { applyPatchDocument } from '#apiserver/registry/apply-patch';
import type { Decode, WriteHook } from '#apiserver/registry/context';
import { createRegistry } from '#apiserver/registry/registry';
import { resourceTable, type VirtualResource } from '#apiserver/registry/resources';
import { storedResource } from '#apiserver/registry/stored-resources';
import { Namespace } from '#api/core/namespace';
import type { ApiError } from '#api/errors';
import { invalid, required } from '#api/meta/field-error';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, ListResult, RequestHandler, WatchEvent } from '#api/request';
import { defineResource, type ResourceDefinition } from '#api/resource';
import type { ObjectMeta } from '#api/types/meta-v1';
import { virtualWorld, type VirtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import type { Store } from '#store/store';
import { checkedWatches } from './checked-watches.ts';

export type Widget = ApiObject & {
  readonly spec: { readonly size?: number; readonly color?: string; readonly graceSeconds?: number };
  readonly status?: { readonly ready?: number };
};

/** The same thing in an older version, which tells its size as a weight. */
export type OldWidget = ApiObject & { readonly spec: { readonly weight?: number; readonly color?: string } };

/** Namespaced, with a status, a scale, a default, an immutable field and a grace period. */
export const WIDGET = defineResource<Widget>(
  { group: 'test.example', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true },
  {
    hasStatus: true,
    applyDefaults: (widget) => ({ ...widget, spec: { size: 1, ...widget.spec } }),
    prepareForCreate: ({ status: _status, ...widget }) => widget,
    validate: ({ spec }) => (spec.size === 13 ? [invalid('spec.size', 13, 'must not be unlucky')] : []),
    validateUpdate: (next, stored) =>
      next.spec.color === stored.spec.color
        ? []
        : [invalid('spec.color', next.spec.color ?? null, 'field is immutable')],
    validateStatusUpdate: ({ status }) => (status?.ready === undefined ? [required('status.ready')] : []),
    warnings: ({ spec }) => (spec.size === 7 ? ['spec.size: 7 is a lot to ask'] : []),
    otherVersions: [
      {
        group: 'test.example',
        version: 'v1old',
        toStored: (object) => {
          const { weight, ...spec } = (object as OldWidget).spec;
          return {
            ...object,
            apiVersion: 'test.example/v1',
            spec: { ...spec, ...(weight === undefined ? {} : { size: weight / 10 }) },
          };
        },
        fromStored: ({ spec: { size = 0, ...spec }, ...widget }): OldWidget => ({
          ...widget,
          apiVersion: 'test.example/v1old',
          spec: { ...spec, weight: size * 10 },
        }),
      },
    ],
    selectableFields: { 'spec.color': ({ spec }) => spec.color ?? '' },
    gracePeriodSeconds: ({ spec }, requested) => requested ?? spec.graceSeconds ?? 0,
    scale: {
      specReplicas: ({ spec }) => spec.size ?? 0,
      statusReplicas: ({ status }) => status?.ready ?? 0,
      selector: () => 'app=widget',
      withReplicas: (widget, replicas) => ({ ...widget, spec: { ...widget.spec, size: replicas } }),
    },
  },
);

/** Made by creates and updates alike. */
const GADGET = defineResource<ApiObject>(
  { group: 'test.example', version: 'v1', kind: 'Gadget', plural: 'gadgets', namespaced: true },
  { createdByUpdates: true },
);

export type Sent = {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: object;
  readonly status?: object;
};

export type PipelineParts = {
  readonly authorize?: Authorizer;
  readonly admission?: readonly AdmissionPlugin[];
  readonly hooks?: ReadonlyMap<string, WriteHook>;
  readonly virtual?: readonly VirtualResource[];
  readonly retainedEvents?: number;
};

export type TestPipeline = AsyncDisposable & {
  readonly world: VirtualWorld;
  readonly store: Store;
  readonly handle: RequestHandler;
  /** Asks for widgets in the namespace `default` unless the request says otherwise. */
  ask(request: Partial<ApiRequest>): Promise<ApiResult>;
  create(name: string, sent?: Sent): Promise<Widget>;
  get(name: string): Promise<Widget>;
  update(widget: Widget, request?: Partial<ApiRequest>): Promise<Widget>;
  list(request?: Partial<ApiRequest>): Promise<ListResult<Widget>>;
  watch(request?: Partial<ApiRequest>): Promise<WatchRecorder>;
};

/** Collects what a watch tells until its signal aborts. */
export type WatchRecorder = {
  readonly events: WatchEvent[];
  /** `ADDED web@4`. */
  readonly texts: () => readonly string[];
  readonly ended: Promise<void>;
  stop(): void;
};

const decodeAnything: Decode = ({ value }) => ({ object: value as ApiObject, warnings: [] });
const TESTER = { name: 'tester', groups: ['system:masters'] };
const anyKind = (definition: unknown): ResourceDefinition => definition as ResourceDefinition;

export async function aPipeline(parts: PipelineParts = {}): Promise<TestPipeline> {
  const world = virtualWorld();
  const { retainedEvents = 1000 } = parts;
  const store = await openStore({ engine: memoryEngine(), world, retainedEvents });
  const registry = createRegistry({
    store,
    world,
    resources: resourceTable([anyKind(Namespace), anyKind(WIDGET), anyKind(GADGET)].map(storedResource), parts.virtual),
    authorize: parts.authorize ?? (() => ({ allowed: true })),
    admission: parts.admission ?? [],
    hooks: parts.hooks ?? new Map(),
    decode: decodeAnything,
    applyPatch: applyPatchDocument,
  });
  const watches = checkedWatches(registry, store);
  const { handle } = watches;
  const ending = new AbortController();
  const base = { group: 'test.example', version: 'v1', plural: 'widgets', namespace: 'default', options: {} };
  const ask = (request: Partial<ApiRequest>): Promise<ApiResult> =>
    handle({ ...base, user: TESTER, signal: ending.signal, verb: 'get', ...request });
  const one = async (request: Partial<ApiRequest>): Promise<Widget> => objectOf(await ask(request)) as Widget;
  const list = async (request: Partial<ApiRequest> = {}): Promise<ListResult<Widget>> => {
    const result = await ask({ verb: 'list', ...request });
    if (result.type !== 'list') throw new TypeError(`Expected a list, got ${result.type}`);
    return result.list as ListResult<Widget>;
  };
  await ask(namespaceRequest('default'));
  return {
    world,
    store,
    handle,
    ask,
    list,
    create: (name, sent = {}) =>
      one({ verb: 'create', body: { spec: {}, ...sent, metadata: { name, ...sent.metadata } } }),
    get: (name) => one({ verb: 'get', name }),
    update: (widget, request = {}) => one({ verb: 'update', name: widget.metadata.name, body: widget, ...request }),
    watch: async (request = {}) => record(await ask({ verb: 'watch', ...request, signal: ending.signal })),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await world.settle();
      if (parts.authorize === undefined) await watches.finish();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The request that makes a namespace. */
export function namespaceRequest(name: string): Partial<ApiRequest> {
  const body = { metadata: { name }, spec: { finalizers: ['kubernetes'] } };
  return { group: '', plural: 'namespaces', verb: 'create', body, namespace: undefined as never };
}

/** The request that makes the account that pods of a namespace run as; they get no files from it. */
export function accountRequest(namespace: string): Partial<ApiRequest> {
  const body = { metadata: { name: 'default' }, automountServiceAccountToken: false };
  return { group: '', plural: 'serviceaccounts', verb: 'create', body, namespace };
}

export function objectOf(result: ApiResult): ApiObject {
  if (result.type !== 'object') throw new TypeError(`Expected an object, got ${result.type}`);
  return result.object;
}

function record(result: ApiResult): WatchRecorder {
  if (result.type !== 'watch') throw new TypeError(`Expected a watch, got ${result.type}`);
  const events: WatchEvent[] = [];
  const iterator = result.events[Symbol.asyncIterator]();
  let stopped = false;
  const run = async (): Promise<void> => {
    for (let next = await iterator.next(); next.done !== true && !stopped; next = await iterator.next()) {
      events.push(...next.value);
    }
  };
  return {
    events,
    texts: () =>
      events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}@${object.metadata.resourceVersion}`),
    ended: run(),
    stop: () => {
      stopped = true;
    },
  };
}

/** What `assert.rejects` compares an ApiError with. */
export const failure = (reason: ApiError['reason'], message: string): { reason: string; message: string } => ({
  reason,
  message,
});
