/** A stable address in front of a changing set of pods. */
import { AGE_COLUMN, column, formatLabels, NAME_COLUMN, NONE, wideColumn } from '../meta/columns.ts';
import { checkDns1035Label } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { defaultService, dropOutdated } from './service/defaults.ts';
import { isHeadless } from './service/exposure.ts';
import { validateService, validateServiceStatus, validateServiceUpdate } from './service/validation.ts';

export type Service = core.Service;

export const Service = defineResource<Service>(
  {
    group: '',
    version: 'v1',
    kind: 'Service',
    plural: 'services',
    namespaced: true,
  },
  {
    createdByUpdates: true,
    shortNames: ['svc'],
    categories: ['all'],
    hasStatus: true,
    applyDefaults: defaultService,
    prepareForCreate: (service) => ({ ...service, status: { loadBalancer: {} } }),
    prepareForUpdate: dropOutdated,
    validateName: checkDns1035Label,
    validate: (service) => [...validateService(service)],
    validateUpdate: (next, stored) => [...validateServiceUpdate(next, stored)],
    validateStatusUpdate: (next) => [...validateServiceStatus(next)],
    warnings: (service) => [...warnings(service.spec)],
    columns: [
      NAME_COLUMN,
      column('Type', 'Where it can be reached from.', ({ spec }) => spec.type ?? ''),
      column('Cluster-IP', 'Its address in the cluster.', ({ spec }) => spec.clusterIPs?.[0] || NONE),
      column('External-IP', 'Its addresses outside the cluster.', externalIpOf),
      column(
        'Port(s)',
        'Its ports, and the ports of the nodes that lead to them.',
        ({ spec }) => (spec.ports ?? []).map(portText).join(',') || NONE,
      ),
      AGE_COLUMN,
      wideColumn('Selector', 'Which pods are behind it.', ({ spec }) => formatLabels(spec.selector)),
    ],
    selectableFields: {
      'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
      'spec.type': ({ spec }) => spec.type ?? '',
    },
  },
);

function* warnings(spec: core.ServiceSpec): Generator<string> {
  const { type, externalIPs = [], externalName = '', sessionAffinity = 'None' } = spec;
  if (type === 'ExternalName' && externalIPs.length > 0)
    yield 'spec.externalIPs is ignored when spec.type is "ExternalName"';
  if (type !== 'ExternalName' && externalName !== '')
    yield 'spec.externalName is ignored when spec.type is not "ExternalName"';
  if (isHeadless(spec) && sessionAffinity !== 'None') yield 'spec.SessionAffinity is ignored for headless services';
}

function externalIpOf({ spec, status }: Service): string {
  const { type, externalIPs = [], externalName = '' } = spec;
  if (type === 'ExternalName') return externalName;
  if (type === 'LoadBalancer') return [...balancerAddresses(status), ...externalIPs].join(',') || '<pending>';
  return externalIPs.join(',') || NONE;
}

function balancerAddresses(status: core.ServiceStatus | undefined): readonly string[] {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname = '' }) => ip || hostname);
  return [...new Set(addresses)].filter((address) => address !== '').toSorted();
}

function portText({ port, nodePort = 0, protocol }: core.ServicePort): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}
