/** What the server offers: stored kinds, resources that are computed, and the subresources of both. */
import type { ApiRequest, ApiResult, Verb } from '#api/request';
import type { ApiObject } from '#api/object';
import type { Column, ResourceDefinition, ServedVersion } from '#api/resource';
import type { CustomModel } from '#api/schema/openapi-paths';
import type { ApiError } from '#api/errors';
import type { RegistryContext } from './context.ts';
import { subresourcesIn } from './subresources/former.ts';

export type TypeName = { readonly group: string; readonly version: string; readonly kind: string };

/** A resource without objects in the store: reviews, metrics, bindings. */
export type VirtualResource = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly shortNames: readonly string[];
  /** What a Table shows; the columns of every kind unless said. */
  readonly columns?: readonly Column<ApiObject>[];
  /** What everybody who asks is told about a kind on its way out. */
  readonly deprecation?: string;
  /** `context` is what the operations of the registry run in. */
  readonly handle: (request: ApiRequest, context: RegistryContext) => Promise<ApiResult>;
};

export type SubresourceHandler = (
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
) => Promise<ApiResult>;

/** Something under an object: `pods/binding`, `deployments/scale`. One without `handle` is a stream that only HTTP serves. */
export type Subresource = {
  readonly name: string;
  /** What is sent and returned. */
  readonly type: TypeName;
  readonly verbs: readonly Verb[];
  /** What a Table shows of what is returned, if that is of another kind than the object itself. */
  readonly columns?: readonly Column<ApiObject>[];
  /** What everybody who asks is told, in place of what those who ask for the object are. */
  readonly deprecation?: string;
  readonly handle?: SubresourceHandler;
};

export type StoredResource = {
  readonly definition: ResourceDefinition;
  readonly subresources: readonly Subresource[];
  /** The version that clients write and see at this address, when it is not the one that is stored. */
  readonly served?: ServedVersion<ApiObject>;
  /** How a kind that users defined differs from the built-in ones. */
  readonly custom?: CustomAccess;
  /** Why a verb is not possible at the moment. */
  readonly refuses?: (verb: Verb) => ApiError | undefined;
};

export type CustomAccess = Pick<RegistryContext, 'store' | 'decode' | 'applyPatch'> & {
  readonly model: CustomModel;
  /** The version in which objects of all versions are kept. */
  readonly storageVersion: string;
};

export type ServedType = TypeName & { readonly apiVersion: string };

/** What clients write and see. */
export function servedType({ definition, served }: StoredResource): ServedType {
  if (served === undefined) return definition;
  const { group, version } = served;
  return { group, version, apiVersion: group === '' ? version : `${group}/${version}`, kind: definition.kind };
}

export type Resource = { readonly stored: StoredResource } | { readonly virtual: VirtualResource };

export type Address = { readonly group: string; readonly version: string; readonly plural: string };

/** Resources by the parts of their address: every request is looked up, and none needs a text made of them. */
class AddressTable {
  readonly #byGroup = new Map<string, Map<string, Map<string, Resource>>>();

  get({ group, version, plural }: Address): Resource | undefined {
    return this.#byGroup.get(group)?.get(version)?.get(plural);
  }

  set({ group, version, plural }: Address, resource: Resource): void {
    const ofGroup = this.#byGroup.getOrInsertComputed(group, () => new Map<string, Map<string, Resource>>());
    ofGroup.getOrInsertComputed(version, () => new Map<string, Resource>()).set(plural, resource);
  }
}

export type ResourceTable = {
  find(address: Address): Resource | undefined;
  /** In the order they were given, a kind's other versions after the one that is stored; former ones after all kinds. */
  readonly stored: readonly StoredResource[];
  readonly virtual: readonly VirtualResource[];
};

export function resourceTable(
  stored: readonly StoredResource[],
  virtual: readonly VirtualResource[] = [],
): ResourceTable {
  const byAddress = new AddressTable();
  const others = stored.flatMap((resource) => resource.definition.otherVersions.map(inVersion(resource)));
  const isFormer = ({ served }: StoredResource): boolean => served?.former !== undefined;
  const all = [
    ...stored.flatMap((resource) => [
      resource,
      ...others.filter((other) => other.definition === resource.definition && !isFormer(other)),
    ]),
    // Last of all: what clients take for a name that is in several groups or versions is what they find first.
    ...others.filter(isFormer),
  ];
  for (const resource of all) {
    const { plural } = resource.definition;
    byAddress.set({ ...servedType(resource), plural }, { stored: resource });
  }
  for (const resource of virtual) byAddress.set(resource, { virtual: resource });
  return { stored: all, virtual, find: (address) => byAddress.get(address) };
}

const inVersion =
  (resource: StoredResource) =>
  (served: ServedVersion<ApiObject>): StoredResource => ({
    ...resource,
    subresources: subresourcesIn(served, resource),
    served,
  });
