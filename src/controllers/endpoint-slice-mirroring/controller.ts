/** Keeps EndpointSlices for services whose Endpoints users write themselves: only slices are looked at when traffic is led. */
import { Endpoints } from '#api/core/endpoints';
import { Service } from '#api/core/service';
import { EndpointSlice } from '#api/discovery/endpoint-slice';
import { refOf, type ApiObject } from '#api/object';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { defineController, indexed, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { MANAGED_BY, SERVICE_NAME } from '../endpoint-slice/plan.ts';
import { isMirrored, MIRRORER, planMirror } from './plan.ts';

const BY_ENDPOINTS = 'controllers/mirrors-of-endpoints';

export const endpointSliceMirroring = defineController({
  name: 'endpointslicemirroring-controller',
  eventSource: 'endpoint-slice-mirroring-controller',
  reads: [Endpoints, Service, EndpointSlice],
  writes: [EndpointSlice],
  triggers: [
    on(Endpoints, ({ before, after }) => [keyOf((after ?? before) as Endpoints)]),
    on(Service, ({ before, after }) => [keyOf((after ?? before) as Service)]),
    on(EndpointSlice, ({ before, after }) => [before, after].flatMap((slice) => endpointsKeyOf(slice))),
    indexed(EndpointSlice, BY_ENDPOINTS, endpointsKeyOf),
  ],
  async reconcile(key, { client, get, informer }) {
    const endpoints = get(Endpoints, refOfKey(key));
    // What deleted Endpoints leave behind, garbage collection removes.
    if (endpoints === undefined || endpoints.metadata.deletionTimestamp !== undefined) return;
    const slices = informer(EndpointSlice).byIndex(BY_ENDPOINTS, key);
    const plan = isMirrored(endpoints, get(Service, refOfKey(key)))
      ? planMirror(endpoints, slices)
      : { create: [], update: [], remove: slices };
    for (const slice of plan.create) await client.create(EndpointSlice, slice);
    for (const slice of plan.update) await unlessMissing(client.update(EndpointSlice, slice));
    for (const slice of plan.remove) await unlessMissing(client.delete(EndpointSlice, refOf(slice)));
  },
});

function endpointsKeyOf(slice: ApiObject | undefined): readonly string[] {
  const { namespace, labels } = slice?.metadata ?? {};
  const name = labels?.[SERVICE_NAME];
  return name === undefined || labels?.[MANAGED_BY] !== MIRRORER ? [] : [keyOfRef({ namespace, name })];
}
