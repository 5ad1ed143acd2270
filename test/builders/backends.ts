/** Services and the pods behind them, for tests. */
import type { Pod, Service, ServiceSpec } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { aMeta, aPod, readyStatus } from './workloads.ts';

type ServiceParts = {
  readonly name?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly spec?: Partial<ServiceSpec>;
  readonly status?: NonNullable<Service['status']>;
};

/** With the defaults that the server would have filled in. */
export function aService({ name = 'web', meta = {}, spec = {}, status }: ServiceParts = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: aMeta(name, meta),
    spec: {
      type: 'ClusterIP',
      clusterIP: '198.19.0.5',
      ipFamilies: ['IPv4'],
      selector: { app: 'web' },
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** A ready pod with the address 198.18.0.NUMBER on node-1. */
export function aBackend(number: number, parts: Parameters<typeof aPod>[0] = {}): Pod {
  const podIP = `198.18.${Math.floor(number / 250)}.${1 + (number % 250)}`;
  const status = { ...readyStatus(), podIP, podIPs: [{ ip: podIP }], ...parts.status };
  return aPod({ name: `web-${number}`, ...parts, spec: { nodeName: 'node-1', ...parts.spec }, status });
}
