/** Keeps the Endpoints object of every service that has a selector, for readers that do not know EndpointSlices. */
import { Endpoints } from '#api/core/endpoints';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { hasLabels } from '#api/meta/label-selector';
import type { ObjectRef, Unsaved } from '#api/object';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on, type Context, type Controller } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { restAfter } from '../pods/rest.ts';
import { hasOwnEndpoints } from '../service-endpoints/plan-membership.ts';
import { serviceKeys } from '../service-endpoints/service-keys.ts';
import { TRIGGER_TIME, TriggerTimes } from '../service-endpoints/trigger-times.ts';
import { MANAGED_BY, MANAGER, planEndpoints } from './plan.ts';

export function endpoints(): Controller {
  const triggerTimes = new TriggerTimes();
  return defineController({
    name: 'endpoint-controller',
    reads: [Service, Pod, Endpoints],
    writes: [Endpoints],
    triggers: [
      on(Service, ({ before, after }) => [keyOf((after ?? before) as Service)]),
      on(Pod, serviceKeys),
      on(Endpoints, ({ before, after }) => [keyOf((after ?? before) as Endpoints)]),
    ],
    async reconcile(key, context) {
      const ref = refOfKey(key);
      const service = context.get(Service, ref);
      if (service === undefined) {
        triggerTimes.forget(key);
        return await removeLeftover(ref, context);
      }
      if (!hasOwnEndpoints(service)) return undefined;
      const all = context.informer(Pod).list(service.metadata.namespace ?? '');
      const pods = all.filter(({ metadata }) => hasLabels(metadata.labels, service.spec.selector ?? {}));
      const plan = planEndpoints(service, pods, context.get(Endpoints, ref));
      const trigger = triggerTimes.observe(key, service, pods);
      if (plan.act === 'create') await context.client.create(Endpoints, stamped(plan.endpoints, trigger));
      if (plan.act === 'update') await context.client.update(Endpoints, stamped(plan.endpoints, trigger));
      return { restMs: restAfter(pods.length) };
    },
  });
}

/** Only what we made: an Endpoints object without a service may be its user's. */
async function removeLeftover(ref: ObjectRef, context: Context): Promise<undefined> {
  const left = context.get(Endpoints, ref);
  if (left?.metadata.labels?.[MANAGED_BY] !== MANAGER) return undefined;
  await unlessMissing(context.client.delete(Endpoints, ref, { preconditions: { uid: left.metadata.uid } }));
  return undefined;
}

function stamped<T extends Endpoints | Unsaved<Endpoints>>(object: T, trigger: string | undefined): T {
  const { [TRIGGER_TIME]: _before, ...annotations } = object.metadata.annotations ?? {};
  const next = trigger === undefined ? annotations : { ...annotations, [TRIGGER_TIME]: trigger };
  return { ...object, metadata: { ...object.metadata, annotations: next } };
}
