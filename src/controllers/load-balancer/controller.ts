/** Publishes the nodes' own addresses for LoadBalancer services. */
import { Node } from '#api/core/node';
import { Service } from '#api/core/service';
import { EndpointSlice } from '#api/discovery/endpoint-slice';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { Node as NodeObject } from '#api/types/core-v1';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { SERVICE_NAME } from '../endpoint-slice/plan.ts';
import { defineController, indexed, on, type Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { isOurs, planLoadBalancer } from './plan.ts';

const BY_SERVICE = 'controllers/service';

export const loadBalancer = defineController({
  name: 'service-controller',
  reads: [Service, Node, EndpointSlice],
  writes: [Service],
  triggers: [
    on(Service, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    on(Node, ({ before, after }, context) =>
      semanticEqual(shownBy(before), shownBy(after)) ? [] : balanced(context).map(keyOf),
    ),
    on(EndpointSlice, ({ before, after }, context) => {
      const [key = ''] = serviceKeyOf((after ?? before) as EndpointSlice);
      return context.get(Service, refOfKey(key))?.spec.externalTrafficPolicy === 'Local' ? [key] : [];
    }),
    indexed(EndpointSlice, BY_SERVICE, serviceKeyOf),
  ],
  async reconcile(key, context) {
    const service = context.get(Service, refOfKey(key));
    if (service === undefined) return;
    const slices = context.informer(EndpointSlice).byIndex(BY_SERVICE, key);
    const next = planLoadBalancer({ service, nodes: context.informer(Node).list(), slices });
    if (next === service) return;
    const first = isOurs(service) && (service.status?.loadBalancer?.ingress ?? []).length === 0;
    await unlessMissing(context.client.update(Service, next, { subresource: 'status' }));
    if (first) {
      context.events.report(service, {
        type: 'Normal',
        reason: 'EnsuredLoadBalancer',
        message: 'Ensured load balancer',
      });
    }
  },
});

function balanced(context: Context): readonly Service[] {
  return context.informer(Service).list().filter(isOurs);
}

/** All that load balancers look at of a node: its reports come every few seconds and mostly change nothing of it. */
function shownBy(node: NodeObject | undefined): unknown {
  if (node === undefined) return undefined;
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return [node.metadata.labels, node.metadata.deletionTimestamp, node.status?.addresses, ready];
}

function serviceKeyOf({ metadata }: EndpointSlice): readonly string[] {
  const name = metadata.labels?.[SERVICE_NAME];
  return name === undefined ? [] : [keyOfRef({ namespace: metadata.namespace, name })];
}
