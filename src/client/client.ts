/** How every component sees the cluster, whichever transport carries it. Failures are `ApiError`s. */
import type { ApiObject, ObjectRef, Unsaved } from '#api/object';
import type { ListResult, PatchType, RequestOptions, WatchEvent } from '#api/request';
import type { ResourceType } from '#api/resource';

type Scope = { readonly namespace?: string };
type Call = { readonly signal?: AbortSignal };

export type ListOptions = Scope &
  Call &
  Pick<
    RequestOptions,
    'labelSelector' | 'fieldSelector' | 'limit' | 'continue' | 'resourceVersion' | 'resourceVersionMatch'
  >;

export type WatchOptions = Scope & { readonly signal: AbortSignal } & Pick<
    RequestOptions,
    | 'labelSelector'
    | 'fieldSelector'
    | 'resourceVersion'
    | 'timeoutSeconds'
    | 'allowWatchBookmarks'
    | 'sendInitialEvents'
  >;

export type WriteOptions = Call &
  Pick<RequestOptions, 'dryRun' | 'fieldManager' | 'fieldValidation'> & {
    /** `finalize` writes only `spec.finalizers` of a Namespace. */
    readonly subresource?: 'status' | 'finalize' | 'resize' | 'approval';
  };

export type DeleteOptions = Call &
  Pick<RequestOptions, 'propagationPolicy' | 'gracePeriodSeconds' | 'preconditions' | 'dryRun'>;

export type CollectionDeleteOptions = Omit<DeleteOptions, 'preconditions'> &
  Scope &
  Pick<RequestOptions, 'labelSelector' | 'fieldSelector'>;

export type Patch = { readonly type: PatchType; readonly document: unknown };

export interface Client {
  get<T extends ApiObject>(type: ResourceType<T>, ref: ObjectRef, options?: Call): Promise<T>;
  list<T extends ApiObject>(type: ResourceType<T>, options?: ListOptions): Promise<ListResult<T>>;
  /** Batches of events, in order. Ends when the server ends it or `signal` aborts; throws `ApiError` `Expired` when the resourceVersion is too old. */
  watch<T extends ApiObject>(type: ResourceType<T>, options: WatchOptions): AsyncIterable<readonly WatchEvent<T>[]>;
  create<T extends ApiObject>(type: ResourceType<T>, object: Unsaved<T>, options?: WriteOptions): Promise<T>;
  /** Replaces; fails with `Conflict` unless `metadata.resourceVersion` is the stored one. */
  update<T extends ApiObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends ApiObject>(
    type: ResourceType<T>,
    target: { readonly ref: ObjectRef; readonly patch: Patch },
    options?: WriteOptions,
  ): Promise<T>;
  /** The object as it was removed or as it waits for its finalizers and grace period. */
  delete<T extends ApiObject>(type: ResourceType<T>, ref: ObjectRef, options?: DeleteOptions): Promise<T>;
  /** Deletes what a list with the same selectors finds, and returns that. */
  deleteCollection<T extends ApiObject>(
    type: ResourceType<T>,
    options?: CollectionDeleteOptions,
  ): Promise<ListResult<T>>;
  /** Posts to a subresource that creates something: `binding`, `eviction`. */
  createSubresource<T extends ApiObject>(
    type: ResourceType<T>,
    target: { readonly ref: ObjectRef; readonly subresource: string; readonly body: unknown },
    options?: Call,
  ): Promise<unknown>;
  /** Reads or writes the `scale` subresource (`autoscaling/v1` Scale). */
  getScale<T extends ApiObject>(type: ResourceType<T>, ref: ObjectRef): Promise<Scale>;
  updateScale<T extends ApiObject>(type: ResourceType<T>, ref: ObjectRef, scale: Scale): Promise<Scale>;
}

export type Scale = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
  };
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly replicas: number; readonly selector?: string };
};
