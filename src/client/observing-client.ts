/** A client whose writes are seen by the informers before they return: who decides from informers never acts twice on one fact. */
import { isApiError } from '#api/errors';
import { generatedName } from '#api/meta/generated-name';
import { type ApiObject, type ObjectRef, refOf, type Unsaved } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Client } from './client.ts';
import type { Informer, Informers } from './informer.ts';
import { lookAgain, mayBeDone, type Sight } from './lost-answer.ts';

// As often as the server tries names that it makes up.
const NAME_TRIES = 8;

type DryRun = { readonly dryRun?: boolean };

export type Observing = Omit<Sight, 'client' | 'informers'> & {
  /** Writes of other kinds pass, so that nobody starts an informer by writing. */
  readonly types: readonly ResourceType[];
};

/** Where the answer to a write is lost, the object is looked at again before that is told. */
export function observingClient(client: Client, informers: Informers, { types, ...observing }: Observing): Client {
  const isAmong = kindsAmong(types);
  const isObserved = (type: ResourceType, options: DryRun | undefined): boolean =>
    options?.dryRun !== true && isAmong(type);
  const sight = { ...observing, client, informers };
  const settled = async <T extends ApiObject>(write: Promise<T>, { type, ref, how }: Written<T>): Promise<T> => {
    try {
      const object = await write;
      informers.for(type).observe(object, how(object));
      return object;
    } catch (error) {
      if (mayBeDone(error)) await lookAgain(type, ref, sight);
      throw error;
    }
  };
  return {
    ...client,
    async create(type, object, options) {
      if (!isObserved(type, options)) return await client.create(type, object, options);
      for (let tries = 1; ; tries++) {
        const named = withName(object, observing.world.random);
        const { name = '', namespace } = named.metadata;
        try {
          const ref = { namespace, name };
          return await settled(client.create(type, named, options), { type, ref, how: stays });
        } catch (error) {
          if (named === object || !isApiError(error, 'AlreadyExists') || tries === NAME_TRIES) throw error;
        }
      }
    },
    update(type, object, options) {
      const write = client.update(type, object, options);
      return isObserved(type, options) ? settled(write, { type, ref: refOf(object), how: stays }) : write;
    },
    patch(type, target, options) {
      const write = client.patch(type, target, options);
      return isObserved(type, options) ? settled(write, { type, ref: target.ref, how: stays }) : write;
    },
    delete(type, ref, options) {
      const write = client.delete(type, ref, options);
      return isObserved(type, options) ? settled(write, { type, ref, how: afterDelete }) : write;
    },
  };
}

type Written<T extends ApiObject> = {
  readonly type: ResourceType<T>;
  readonly ref: ObjectRef;
  readonly how: (object: T) => Observed;
};

type Observed = Parameters<Informer<ApiObject>['observe']>[1];

const stays = (): Observed => 'written';
const afterDelete = (object: ApiObject): Observed => (isGone(object) ? 'removed' : 'written');

/** With the name that the server would have made up: what is nameless cannot be looked for when the answer is lost. */
function withName<T extends ApiObject>(object: Unsaved<T>, random: () => number): Unsaved<T> {
  const { name, generateName } = object.metadata;
  if (name !== undefined || generateName === undefined) return object;
  return { ...object, metadata: { ...object.metadata, name: generatedName(generateName, random) } };
}

/** Tells an object that a delete has removed from one that still waits for its grace period or its finalizers. */
function isGone(object: ApiObject & { readonly spec?: { readonly finalizers?: readonly string[] } }): boolean {
  const { metadata, spec } = object;
  // A namespace keeps the finalizer that counts in its spec.
  if ((metadata.finalizers ?? spec?.finalizers ?? []).length > 0) return false;
  return metadata.deletionTimestamp === undefined || (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** Whether a kind is one of `types`, by whichever of its definitions; told without a text for those seen before. */
export function kindsAmong(types: readonly ResourceType[]): (type: ResourceType) => boolean {
  const names = new Set(types.map(kindName));
  const known = new WeakMap<ResourceType, boolean>();
  return (type) => {
    const answer = known.get(type) ?? names.has(kindName(type));
    known.set(type, answer);
    return answer;
  };
}

/** Names a kind among all kinds. */
export function kindName({ apiVersion, kind }: ResourceType): string {
  return `${apiVersion}/${kind}`;
}
