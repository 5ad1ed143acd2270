/** What a controller is: a name, what it reads and writes, which changes wake it, and how it brings one object closer to its wish. */
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Client } from '#client/client';
import type { EventRecorder } from '#client/event-recorder';
import type { Change, Indexer, Informer } from '#client/informer';
import type { Logger } from '#base/log';
import type { World } from '#base/world';

/** What a controller works with. Reading or writing a kind that it did not declare throws. */
export type Context = {
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly events: EventRecorder;
  /** Writes are seen by the informers before they return. */
  readonly client: Client;
  /** The shared copy of a kind, indexes and all. */
  informer<T extends ApiObject>(type: ResourceType<T>): Informer<T>;
  get<T extends ApiObject>(type: ResourceType<T>, ref: ObjectRef): T | undefined;
  now(): number;
};

/** Which keys of the controller's queue a change of an object concerns, and what the kind is found by. */
export type Trigger = {
  readonly type: ResourceType;
  readonly index?: { readonly name: string; readonly indexer: Indexer<ApiObject> };
  readonly keys?: (change: Change<ApiObject>, context: Context) => Iterable<string>;
};

export type Outcome = {
  /** When to look at the key again although nothing has changed. */
  readonly againInMs?: number | undefined;
  /** For how long changes are collected before the key is looked at again: what costs much is not done for each of them. */
  readonly restMs?: number | undefined;
};

export type Controller = {
  readonly name: string;
  /** The service account whose rights it has, where that is not called like the controller. */
  readonly account?: string;
  /** What its events name as their source, where upstream's is not called like the controller. */
  readonly eventSource?: string;
  readonly reads: readonly ResourceType[];
  readonly writes: readonly ResourceType[];
  readonly triggers: readonly Trigger[];
  readonly workers: number;
  /** Called for one key by one worker at a time. An error brings the key back after a delay that grows. */
  readonly reconcile: (key: string, context: Context) => Promise<Outcome | void>;
};

type ControllerOptions = Omit<Controller, 'workers'> & { readonly workers?: number };

// As upstream's controllers have it.
const WORKERS = 5;

export function defineController(options: ControllerOptions): Controller {
  const undeclared = options.triggers.find(({ type }) => !options.reads.includes(type));
  if (undeclared !== undefined) {
    throw new TypeError(
      `Cannot define controller "${options.name}": it is woken by ${undeclared.type.kind} but does not read it`,
    );
  }
  return Object.freeze({ workers: WORKERS, ...options });
}

/** Of most changes nothing is to be done, by any of the many who hear of them: an empty list of its own for each would add up. */
export const NO_KEYS: readonly string[] = [];

/** Wakes the controller with `keys` for every change of a kind. */
export function on<T extends ApiObject>(
  type: ResourceType<T>,
  keys: (change: Change<T>, context: Context) => Iterable<string>,
): Trigger {
  return { type, keys: keys as unknown as NonNullable<Trigger['keys']> };
}

/** Keeps an index of a kind that the controller reads by. */
export function indexed<T extends ApiObject>(type: ResourceType<T>, name: string, indexer: Indexer<T>): Trigger {
  return { type, index: { name, indexer: indexer as unknown as Indexer<ApiObject> } };
}
