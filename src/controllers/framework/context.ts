/** Holds a controller to what it declared: the context through which it reads and writes. */
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import { kindsAmong, observingClient } from '#client/observing-client';
import type { Client } from '#client/client';
import type { EventRecorder } from '#client/event-recorder';
import type { Informer, Informers } from '#client/informer';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Context, Controller } from './controller.ts';

export type ControllerDependencies = {
  readonly client: Client;
  readonly informers: Informers;
  readonly events: EventRecorder;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

export function contextFor(controller: Controller, dependencies: ControllerDependencies): Context {
  const { client, informers, events, world, logger, signal } = dependencies;
  const mayRead = kindsAmong(controller.reads);
  // Asked at every change of every object.
  const known = new Map<ResourceType, Informer<ApiObject>>();
  const informer = <T extends ApiObject>(type: ResourceType<T>): Informer<T> => {
    const found = known.get(type);
    if (found !== undefined) return found as unknown as Informer<T>;
    if (!mayRead(type)) throw refusal(controller, 'read', type);
    const first = informers.for(type);
    known.set(type, first as unknown as Informer<ApiObject>);
    return first;
  };
  const observing = { types: controller.reads, world, signal };
  return {
    world,
    logger: logger.child({ controller: controller.name }),
    signal,
    events,
    client: restricted(observingClient(client, informers, observing), controller),
    informer,
    get: (type, ref) => informer(type).get(ref),
    now: () => world.clock.now(),
  };
}

function restricted(client: Client, controller: Controller): Client {
  const mayWrite = kindsAmong(controller.writes);
  // Asked at every write: who may write waits for nothing more than the write.
  const refused = (type: ResourceType): Promise<never> | undefined =>
    mayWrite(type) ? undefined : Promise.reject(refusal(controller, 'write', type));
  return {
    ...client,
    create: (type, object, options) => refused(type) ?? client.create(type, object, options),
    update: (type, object, options) => refused(type) ?? client.update(type, object, options),
    patch: (type, target, options) => refused(type) ?? client.patch(type, target, options),
    delete: (type, ref, options) => refused(type) ?? client.delete(type, ref, options),
    deleteCollection: (type, options) => refused(type) ?? client.deleteCollection(type, options),
    createSubresource: (type, target, options) => refused(type) ?? client.createSubresource(type, target, options),
    updateScale: (type, ref, scale) => refused(type) ?? client.updateScale(type, ref, scale),
  };
}

function refusal({ name }: Controller, act: string, type: ResourceType): TypeError {
  return new TypeError(`Cannot ${act} ${type.kind} in controller "${name}": it did not declare that`);
}
