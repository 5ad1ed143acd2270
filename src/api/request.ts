/** One request to the API and its result, after decoding and before encoding: what both transports and the pipeline agree on. */
import type { ApiObject } from './object.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Who asks. Groups as upstream names them: `system:masters`, `system:nodes`, `system:authenticated`, ... */
export type UserInfo = {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
};

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

/** Query parameters and DeleteOptions, by their upstream names. */
export type RequestOptions = {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'NotOlderThan' | 'Exact';
  readonly timeoutSeconds?: number;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  readonly force?: boolean;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
};

export type ApiRequest = {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly options: RequestOptions;
  /** The decoded body: an object for create and update, the patch document for patch. The in-process transport passes it by reference. */
  readonly body?: unknown;
  readonly patchType?: PatchType;
  /** What strict eyes find wrong with the text of the body, in ready words. */
  readonly findings?: readonly string[];
  readonly user: UserInfo;
  /** What the client's program calls itself; absent in process. */
  readonly userAgent?: string;
  readonly signal: AbortSignal;
};

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** For `ERROR` the object is a `Status`; for `BOOKMARK` only `metadata.resourceVersion` and annotations count. */
export type WatchEvent<T extends ApiObject = ApiObject> = {
  readonly type: WatchEventType;
  readonly object: T;
};

export type ListResult<T extends ApiObject = ApiObject> = {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly items: readonly T[];
};

export type ApiResult =
  | {
      readonly type: 'object';
      readonly status: number;
      readonly object: ApiObject;
      readonly warnings?: readonly string[];
      /** A delete took effect at once: `object` is the last state of what is no longer there. */
      readonly removed?: true;
    }
  | { readonly type: 'list'; readonly list: ListResult; readonly warnings?: readonly string[] }
  | {
      readonly type: 'watch';
      readonly events: AsyncIterable<readonly WatchEvent[]>;
      readonly warnings?: readonly string[];
    };

/** The request pipeline: authentication is done, the rest (authorization, admission, validation, storage) is not. Throws `ApiError`. */
export type RequestHandler = (request: ApiRequest) => Promise<ApiResult>;
