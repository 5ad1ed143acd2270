/** What the registry's operations share. */
import type { FieldError } from '#api/meta/field-error';
import type { ApiObject } from '#api/object';
import type { ApiRequest, PatchType } from '#api/request';
import type { ServedVersion } from '#api/resource';
import type { World } from '#base/world';
import type { Store, Transaction } from '#store/store';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { ChargeQuotas } from '../admission/quota/charge-quotas.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { TypeName } from './resources.ts';

/** An object as decoded against its kind's schema, with what is worth a warning under the request's field validation. */
export type Decoded = { readonly object: ApiObject; readonly warnings: readonly string[] };

/** A parsed document, with the keys that appeared twice in it, and what else strict eyes find wrong with its text, in ready words. */
export type Sent = {
  readonly value: unknown;
  readonly duplicateFields?: readonly string[];
  readonly findings?: readonly string[];
};

/** Checks that what was sent has the shape of the kind: types, unknown fields. Throws `ApiError`. */
export type Decode = (sent: Sent, type: TypeName, fieldValidation: ApiRequest['options']['fieldValidation']) => Decoded;

/** Applies a patch document to an object of a kind and returns the patched value, not yet checked. Throws `ApiError`. */
export type ApplyPatch = (
  patch: { readonly patchType: PatchType; readonly document: unknown },
  object: ApiObject,
  type: TypeName,
) => unknown;

/** A part of an object that has a subresource of its own, and rules of its own for what may change. Pure. */
export type ObjectPart = {
  readonly subresource: string;
  /** The stored object with the part as it was sent. */
  readonly take: (sent: ApiObject, stored: ApiObject) => ApiObject;
  /** In place of the rules for updates of the whole object. */
  readonly validateUpdate: (next: ApiObject, stored: ApiObject) => readonly FieldError[];
};

/**
 * A last decision that must see what other writers have decided a moment ago: which address is free.
 * Runs synchronously with the write. What it reserves holds until `release` is called, after the write is durable or has failed.
 */
export type WriteHook = (
  next: ApiObject,
  stored: ApiObject | undefined,
) => { readonly object: ApiObject; readonly release: () => void };

/** Writes what is recorded apart with an object, in the same transaction; `next` is absent when the object goes. */
export type Companion = (
  tx: Transaction,
  change: { readonly next?: ApiObject | undefined; readonly stored?: ApiObject | undefined },
) => void;

export type RegistryContext = {
  /** Set while a request is in another version than the stored one. */
  readonly served?: ServedVersion<ApiObject>;
  /** Set while a request changes only a part of an object. */
  readonly part?: ObjectPart;
  readonly store: Store;
  readonly world: World;
  /** Applying what does not exist takes the right to create it. */
  readonly authorize: Authorizer;
  readonly admission: readonly AdmissionPlugin[];
  /** Without it nothing is limited. */
  readonly chargeQuotas?: ChargeQuotas;
  readonly decode: Decode;
  readonly applyPatch: ApplyPatch;
  /** By `group/plural`. */
  readonly hooks: ReadonlyMap<string, WriteHook>;
  /** By `group/plural`. */
  readonly companions?: ReadonlyMap<string, Companion>;
};
