/** What the definitions in the store add to what the server offers. Asked anew each time: what is stored now is what counts. */
import { ApiError } from '#api/errors';
import { CustomResourceDefinition, isEstablished, storageVersion } from '#api/extensions/custom-resource-definition';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { CustomResourceDefinitionVersion } from '#api/types/apiextensions-v1';
import type { Store } from '#store/store';
import type { ApplyPatch } from '../registry/context.ts';
import { applyPatchDocument } from '../registry/apply-patch.ts';
import { listPrefix, objectKey } from '../registry/keys.ts';
import type { Address, Resource, ResourceTable, StoredResource } from '../registry/resources.ts';
import { storedResource } from '../registry/stored-resources.ts';
import { byVersionPriority } from './version-priority.ts';
import { customKind, isTerminating } from './custom-kind.ts';
import { decodeCustom } from './decode-custom.ts';
import { customModel } from './open-api-model.ts';
import { VersionStore } from './version-store.ts';

export type ExtensibleTable = ResourceTable & {
  /** Lets go of definitions that are gone or have changed, and ends what watches their objects. */
  refresh(): void;
};

/** Resources of `base` come first and cannot be replaced. */
export function extensibleTable(base: ResourceTable, store: Store): ExtensibleTable {
  const custom = new CustomResources(store);
  let stored = base.stored;
  let extra: readonly StoredResource[] = [];
  return {
    virtual: base.virtual,
    find: (address) => base.find(address) ?? custom.find(address),
    get stored() {
      const now = custom.all();
      if (now !== extra) {
        extra = now;
        stored = [...base.stored, ...now];
      }
      return stored;
    },
    refresh: () => custom.refresh(),
  };
}

type Entry = {
  readonly crd: CustomResourceDefinition;
  readonly resources: ReadonlyMap<string, StoredResource>;
  readonly retiring: AbortController;
};

class CustomResources {
  readonly #store: Store;
  readonly #entries = new Map<string, Entry>();
  #all: readonly StoredResource[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  find({ group, version, plural }: Address): Resource | undefined {
    const key = objectKey(CustomResourceDefinition, { name: `${plural}.${group}` });
    const crd = this.#store.get(key) as CustomResourceDefinition | undefined;
    const stored = crd === undefined ? undefined : this.#entryOf(crd)?.resources.get(version);
    return stored === undefined ? undefined : { stored };
  }

  /** By group, version and name; the same list while nothing changes. */
  all(): readonly StoredResource[] {
    const found = this.#definitions().flatMap((crd) => [...(this.#entryOf(crd)?.resources.values() ?? [])]);
    const sorted = found.toSorted(inOrder);
    const same = sorted.length === this.#all.length && sorted.every((each, index) => each === this.#all[index]);
    if (!same) this.#all = sorted;
    return this.#all;
  }

  refresh(): void {
    const present = new Map(this.#definitions().map((crd) => [crd.metadata.name, crd]));
    for (const [name, entry] of this.#entries) {
      const crd = present.get(name);
      if (crd !== undefined && crd.spec === entry.crd.spec && isEstablished(crd)) continue;
      this.#entries.delete(name);
      entry.retiring.abort(new DOMException('The definition of the kind has changed', 'AbortError'));
    }
  }

  #definitions(): readonly CustomResourceDefinition[] {
    return this.#store.list(listPrefix(CustomResourceDefinition, undefined))
      .items as readonly CustomResourceDefinition[];
  }

  #entryOf(crd: CustomResourceDefinition): Entry | undefined {
    if (!isEstablished(crd)) return undefined;
    const { name } = crd.metadata;
    const known = this.#entries.get(name);
    if (known !== undefined && isSame(known.crd, crd)) return known;
    // Watches go on through changes of the status, such as the beginning of the kind's end.
    const retiring = known !== undefined && known.crd.spec === crd.spec ? known.retiring : new AbortController();
    if (known !== undefined && known.retiring !== retiring) known.retiring.abort();
    const entry = { crd, retiring, resources: this.#resources(crd, retiring.signal) };
    this.#entries.set(name, entry);
    return entry;
  }

  #resources(crd: CustomResourceDefinition, retired: AbortSignal): ReadonlyMap<string, StoredResource> {
    const apiVersion = `${crd.spec.group}/${storageVersion(crd)}`;
    const served = crd.spec.versions.filter((version) => version.served);
    return new Map(served.map((version) => [version.name, this.#resource(crd, version, { apiVersion, retired })]));
  }

  #resource(
    crd: CustomResourceDefinition,
    version: CustomResourceDefinitionVersion,
    as: { readonly apiVersion: string; readonly retired: AbortSignal },
  ): StoredResource {
    const kind = customKind(crd, version);
    return {
      ...storedResource(kind.definition),
      custom: {
        store: new VersionStore(this.#store, kind, as),
        decode: decodeCustom(kind),
        applyPatch,
        model: customModel(kind.definition, version),
        storageVersion: storageVersion(crd),
      },
      ...(isTerminating(crd) ? { refuses: refuseCreate } : {}),
    };
  }
}

function isSame(left: CustomResourceDefinition, right: CustomResourceDefinition): boolean {
  if (left === right) return true;
  return (
    left.spec === right.spec &&
    isTerminating(left) === isTerminating(right) &&
    semanticEqual(left.status?.acceptedNames, right.status?.acceptedNames)
  );
}

function inOrder({ definition: left }: StoredResource, { definition: right }: StoredResource): number {
  if (left.group !== right.group) return left.group < right.group ? -1 : 1;
  if (left.version !== right.version) return byVersionPriority(left.version, right.version);
  return left.plural < right.plural ? -1 : 1;
}

function refuseCreate(verb: string): ApiError | undefined {
  if (verb !== 'create') return undefined;
  return new ApiError('MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {
    details: {},
  });
}

/** Nobody knows how lists of a custom kind merge strategically. */
const applyPatch: ApplyPatch = (patch, object, type) => {
  if (patch.patchType !== 'application/strategic-merge-patch+json') return applyPatchDocument(patch, object, type);
  throw new ApiError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json',
  );
};
