/** Which pods stand behind a service, and through which of their ports. Shared by EndpointSlices and Endpoints. */
import { isReady, isTerminal } from '#api/core/pod-state';
import type { Container, Pod, Service, ServicePort } from '#api/types/core-v1';

/** A service port as one pod serves it. */
export type ResolvedPort = {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
};

export type PodConditions = { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };

/** Whether this controller keeps the endpoints of the service; without a selector, its user does. */
export function hasOwnEndpoints({ spec }: Service): boolean {
  return spec.selector !== undefined && Object.keys(spec.selector).length > 0 && spec.type !== 'ExternalName';
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

/** A pod that has an address and has not ended. */
export function hasAddress(pod: Pod): boolean {
  return !isTerminal(pod) && addressesOf(pod).length > 0;
}

export function addressesOf({ status }: Pod): readonly string[] {
  const all = (status?.podIPs ?? []).map(({ ip }) => ip);
  if (all.length > 0) return all;
  return status?.podIP === undefined || status.podIP === '' ? [] : [status.podIP];
}

export function conditionsOf(pod: Pod, service: Service): PodConditions {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  return { ready, serving, terminating };
}

/** A port that the pod has no name for is left out. */
export function portsOf(pod: Pod, service: Service): readonly ResolvedPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = resolvePort(pod, port);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

/** The host name under which a headless service's DNS knows the pod. */
export function hostnameOf({ metadata, spec }: Pod, service: Service): string | undefined {
  const named = spec.hostname !== undefined && spec.hostname !== '' && spec.subdomain === service.metadata.name;
  return named && metadata.namespace === service.metadata.namespace ? spec.hostname : undefined;
}

function resolvePort({ spec }: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (targetPort === undefined) return port;
  if (typeof targetPort === 'number') return targetPort === 0 ? port : targetPort;
  for (const container of [...spec.containers, ...sidecars(spec.initContainers)]) {
    const found = container.ports?.find((each) => each.name === targetPort && (each.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

function sidecars(containers: readonly Container[] | undefined): readonly Container[] {
  return (containers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
}
