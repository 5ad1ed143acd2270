/** Keeps the EndpointSlices of every service that has a selector. */
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { EndpointSlice } from '#api/discovery/endpoint-slice';
import { hasLabels } from '#api/meta/label-selector';
import { refOf, type ApiObject, type Unsaved } from '#api/object';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { defineController, indexed, on, type Context, type Controller } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { restAfter } from '../pods/rest.ts';
import { hasOwnEndpoints } from '../service-endpoints/plan-membership.ts';
import { serviceKeys } from '../service-endpoints/service-keys.ts';
import { TRIGGER_TIME, TriggerTimes } from '../service-endpoints/trigger-times.ts';
import { MANAGED_BY, MANAGER, planSlices, SERVICE_NAME, type SlicePlan } from './plan.ts';

const BY_SERVICE = 'controllers/managed-by-service';

export function endpointSlice(): Controller {
  const triggerTimes = new TriggerTimes();
  return defineController({
    name: 'endpointslice-controller',
    eventSource: 'endpoint-slice-controller',
    reads: [Service, Pod, Node, EndpointSlice],
    writes: [EndpointSlice],
    triggers: [
      on(Service, ({ before, after }) => [keyOf((after ?? before) as Service)]),
      on(Pod, serviceKeys),
      on(EndpointSlice, ({ before, after }) => [before, after].flatMap((slice) => serviceKeyOf(slice))),
      indexed(EndpointSlice, BY_SERVICE, serviceKeyOf),
    ],
    async reconcile(key, context) {
      const service = context.get(Service, refOfKey(key));
      // What a deleted service leaves behind, garbage collection removes.
      if (service === undefined || service.metadata.deletionTimestamp !== undefined) {
        triggerTimes.forget(key);
        return undefined;
      }
      if (!hasOwnEndpoints(service)) return undefined;
      const all = context.informer(Pod).list(service.metadata.namespace ?? '');
      const pods = all.filter(({ metadata }) => hasLabels(metadata.labels, service.spec.selector ?? {}));
      const slices = context.informer(EndpointSlice).byIndex(BY_SERVICE, key);
      const nodeOf = (name: string): Node | undefined => context.get(Node, { name });
      const plan = planSlices({ service, pods, nodeOf, slices });
      await apply(plan, triggerTimes.observe(key, service, pods), context);
      return { restMs: restAfter(pods.length) };
    },
  });
}

async function apply(plan: SlicePlan, trigger: string | undefined, { client }: Context): Promise<void> {
  for (const slice of plan.create) await client.create(EndpointSlice, stamped(slice, trigger));
  for (const slice of plan.update) await unlessMissing(client.update(EndpointSlice, stamped(slice, trigger)));
  for (const slice of plan.remove) await unlessMissing(client.delete(EndpointSlice, refOf(slice)));
}

function stamped<T extends EndpointSlice | Unsaved<EndpointSlice>>(slice: T, trigger: string | undefined): T {
  const { [TRIGGER_TIME]: _before, ...annotations } = slice.metadata.annotations ?? {};
  const next = trigger === undefined ? annotations : { ...annotations, [TRIGGER_TIME]: trigger };
  return { ...slice, metadata: { ...slice.metadata, annotations: next } };
}

function serviceKeyOf(slice: ApiObject | undefined): readonly string[] {
  const { namespace, labels } = slice?.metadata ?? {};
  const name = labels?.[SERVICE_NAME];
  return name === undefined || labels?.[MANAGED_BY] !== MANAGER ? [] : [keyOfRef({ namespace, name })];
}
