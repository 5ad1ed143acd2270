/** How requests from outside the cluster come to services: by host and path. */
import { AGE_COLUMN, column, NAME_COLUMN, NONE } from '../meta/columns.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as networking from '../types/networking-v1.ts';
import { CLASS_ANNOTATION, validateIngress } from './ingress/validation.ts';
import { validateIngressStatus } from './ingress/status.ts';
import { ingressWarnings } from './ingress/warnings.ts';

export type Ingress = networking.Ingress;

export const Ingress = defineResource<Ingress>(
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'Ingress',
    plural: 'ingresses',
    namespaced: true,
  },
  {
    shortNames: ['ing'],
    hasStatus: true,
    prepareForCreate: (ingress) => ({ ...ingress, status: { loadBalancer: {} } }),
    validateName: checkDnsSubdomain,
    validate: (ingress) => [...validateIngress(ingress)],
    validateStatusUpdate: ({ status }) => [...validateIngressStatus(status)],
    warnings: (ingress) => [...ingressWarnings(ingress)],
    columns: [
      NAME_COLUMN,
      column('Class', 'The class that says who serves it.', classOf),
      column('Hosts', 'The hosts it is for.', hostsText),
      column('Address', 'Where it is reached.', addressText),
      column('Ports', 'The ports it answers on.', ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80')),
      AGE_COLUMN,
    ],
  },
);

function classOf({ metadata, spec }: Ingress): string {
  return spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION] ?? NONE;
}

const SHOWN_HOSTS = 3;

function hostsText({ spec }: Ingress): string {
  const hosts = (spec.rules ?? []).map(({ host = '' }) => host).filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  const shown = hosts.slice(0, SHOWN_HOSTS).join(',');
  return hosts.length > SHOWN_HOSTS ? `${shown} + ${hosts.length - SHOWN_HOSTS} more...` : shown;
}

function addressText({ status }: Ingress): string {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname = '' }) => ip || hostname);
  return [...new Set(addresses)]
    .filter((address) => address !== '')
    .toSorted()
    .join(',');
}
