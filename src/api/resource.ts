/** Declares a kind: one value from which registry, defaults, validation, Tables and discovery follow. */
import type { ApiObject } from './object.ts';
import type { ExactInteger } from './meta/exact-integer.ts';
import type { FieldError } from './meta/field-error.ts';
import type { Verb } from './request.ts';
import type { MessageSchema } from './schema/schema.ts';

/** What a caller must know to address objects of a kind. `T` is the object's type; `~type` carries it and has no value. */
export type ResourceType<T extends ApiObject = ApiObject> = {
  readonly group: string; // '' is the core group
  readonly version: string;
  readonly apiVersion: string; // 'v1', 'apps/v1'
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly '~type'?: T;
};

/** A column of a server-side Table. `priority` 0 is always shown, 1 only with `-o wide`. */
export type Column<T> = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly priority: 0 | 1;
  readonly description: string;
  /** `nowMs` is the time of the request: ages are rendered by the server. */
  readonly cell: (object: T, nowMs: number) => string | number | boolean | ExactInteger | null;
};

/** How the `scale` subresource reads and writes a kind (JSON paths are fixed: `.spec.replicas`, `.status.replicas`). */
export type ScaleAccess<T> = {
  readonly specReplicas: (object: T) => number;
  readonly statusReplicas: (object: T) => number;
  /** Label selector in its string form, as HorizontalPodAutoscaler reads it. */
  readonly selector: (object: T) => string;
  readonly withReplicas: (object: T, replicas: number) => T;
};

/** Since when a version is discouraged, since when upstream has not had it, and the version to use. */
export type FormerVersion = { readonly deprecated: string; readonly unavailable: string; readonly use: string };

/** Another version of the API in which a kind can be served: written by clients as `V`, kept and shown to all others as `T`. */
export type ServedVersion<T extends ApiObject, V extends ApiObject = ApiObject> = {
  readonly group: string;
  readonly version: string;
  /** Set for a version that upstream no longer serves: it is offered last, and its users are told what to write instead. */
  readonly former?: FormerVersion;
  /** Before defaults and validation; the two functions are inverse: what `V` cannot say travels in annotations. */
  toStored(object: V): T;
  fromStored(object: T): V;
  /** Fields that may be selected by, under their names in this version, with those in the stored one; absent: all, under the same names. */
  readonly fieldNames?: Readonly<Record<string, string>>;
};

/** The rules of a kind. All functions are pure: they take frozen values and return new ones. */
export type Strategy<T extends ApiObject> = {
  readonly listKind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  /** Whether `/status` exists. With it, spec writes keep the stored status, status writes keep the stored spec, and spec changes bump `metadata.generation`. */
  readonly hasStatus: boolean;
  /** Changes of the spec are counted even without a status. */
  readonly generations?: 'always';
  /** An update must name the state it is based on. */
  readonly updates?: 'conditional';
  /** An update of an object that is not there makes it. */
  readonly createdByUpdates?: true;
  /** A delete that does not say otherwise leaves behind what the object owns. */
  readonly orphansByDefault?: true;
  /** What objects consist of, for a kind that is not in the schema table. */
  readonly schema?: MessageSchema;
  readonly scale?: ScaleAccess<T>;
  /** Fills in upstream's defaults. Idempotent. */
  readonly applyDefaults: (object: T) => T;
  /** The same for a stored object that differs by its status alone: all else has its defaults. */
  readonly applyStatusDefaults: (object: T) => T;
  /** Last touch before validation on create (for example: drop a status the client sent). */
  readonly prepareForCreate: (object: T) => T;
  /** Last touch before validation on a spec update. */
  readonly prepareForUpdate: (next: T, stored: T) => T;
  /** What a delete request does to the object besides marking it: a finalizer that the kind needs. */
  readonly prepareForDelete: (object: T, nowMs: number) => T;
  readonly validateName: (name: string) => readonly string[];
  readonly validate: (object: T) => readonly FieldError[];
  /** Immutable fields and forbidden transitions; runs in addition to `validate`. */
  readonly validateUpdate: (next: T, stored: T) => readonly FieldError[];
  readonly validateStatusUpdate: (next: T, stored: T) => readonly FieldError[];
  /** What everybody who asks for objects of a kind on its way out is told. */
  readonly deprecation?: string;
  /** Texts for `Warning: 299` headers, about what is written. */
  readonly warnings: (object: T) => readonly string[];
  readonly columns: readonly Column<T>[];
  /** Versions beside the one of the definition. */
  readonly otherVersions: readonly ServedVersion<T>[];
  /** Field selectors beyond `metadata.name` and `metadata.namespace`. */
  readonly selectableFields: Readonly<Record<string, (object: T) => string>>;
  /** Seconds an object stays with a deletionTimestamp before it is removed; 0 removes at once. */
  readonly gracePeriodSeconds: (object: T, requested: number | undefined) => number;
};

export type ResourceDefinition<T extends ApiObject = ApiObject> = ResourceType<T> & Strategy<T>;

type Identity = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
};

/**
 * Declares a kind. Everything that is not given takes the value most kinds have.
 *
 * @example
 * export type ConfigMap = core.ConfigMap;
 * export const ConfigMap = defineResource<ConfigMap>(
 *   { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
 *   { shortNames: ['cm'], validate: validateConfigMap },
 * );
 */
export function defineResource<T extends ApiObject>(
  identity: Identity,
  strategy: Partial<Strategy<T>>,
): ResourceDefinition<T> {
  const { group, version, kind } = identity;
  return Object.freeze({
    ...identity,
    apiVersion: group === '' ? version : `${group}/${version}`,
    listKind: `${kind}List`,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: ALL_VERBS,
    hasStatus: false,
    applyDefaults: same,
    applyStatusDefaults: strategy.applyDefaults ?? same,
    prepareForCreate: same,
    prepareForUpdate: same,
    prepareForDelete: same,
    validateName: none,
    validate: none,
    validateUpdate: none,
    validateStatusUpdate: none,
    warnings: none,
    columns: [],
    otherVersions: [],
    selectableFields: {},
    gracePeriodSeconds: () => 0,
    ...strategy,
  });
}

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const same = <T>(object: T): T => object;
const none = (): readonly never[] => [];
