/** Versions that upstream no longer serves, as clients that still write them need them. */
import { formatApiVersion } from '../meta/api-version.ts';
import type { ApiObject } from '../object.ts';
import type { ResourceDefinition, ServedVersion } from '../resource.ts';

/** What a version says in another way than the stored one; both functions leave `apiVersion` alone. */
export type Translation = {
  readonly toStored: (object: ApiObject) => ApiObject;
  readonly fromStored: (object: ApiObject) => ApiObject;
};

export type Former = {
  /** `apps/v1beta2`. */
  readonly apiVersion: string;
  readonly deprecated: string;
  readonly unavailable: string;
  /** Where it is not the version that is stored. */
  readonly use?: string;
  readonly translation?: Translation;
};

/** A translation between the types that are written here; the registry hands it objects of no other kind. */
export function translation<Old extends object, Stored extends object>(functions: {
  readonly toStored: (object: Old) => Stored;
  readonly fromStored: (object: Stored) => Old;
}): Translation {
  return functions as unknown as Translation;
}

export function servedFormerly(definition: ResourceDefinition, former: Former): ServedVersion<ApiObject> {
  const { apiVersion, deprecated, unavailable, use = definition.apiVersion } = former;
  const [group = '', version = ''] = apiVersion.split('/');
  const { toStored = same, fromStored = same } = former.translation ?? {};
  return {
    group,
    version,
    former: { deprecated, unavailable, use },
    toStored: (object) => ({ ...toStored(object), apiVersion: definition.apiVersion }),
    fromStored: (object) => ({ ...fromStored(object), apiVersion: formatApiVersion({ group, version }) }),
  };
}

const same = <T>(object: T): T => object;
