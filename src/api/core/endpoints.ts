/** The addresses behind a service, in the form older clients read. */
import { AGE_COLUMN, column, firstFew, NAME_COLUMN, NONE } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { required } from '../meta/field-error.ts';
import { validateIp, validateNonSpecialIp } from '../meta/ip.ts';
import { checkDnsLabel, checkDnsSubdomain, checkQualifiedName } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { mapped } from './pod/default-parts.ts';
import { validatePortNumber, validateProtocol } from './pod/ports.ts';

export type Endpoints = core.Endpoints;

const SHOWN = 3;

export const Endpoints = defineResource<Endpoints>(
  {
    group: '',
    version: 'v1',
    kind: 'Endpoints',
    plural: 'endpoints',
    namespaced: true,
  },
  {
    createdByUpdates: true,
    shortNames: ['ep'],
    singular: 'endpoints',
    applyDefaults,
    validateName: checkDnsSubdomain,
    validate: (endpoints) => [...validate(endpoints)],
    deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    columns: [
      NAME_COLUMN,
      column('Endpoints', 'The addresses and ports.', ({ subsets = [] }) =>
        subsets.length === 0 ? NONE : firstFew(subsets.flatMap(addressesOf), SHOWN),
      ),
      AGE_COLUMN,
    ],
  },
);

function applyDefaults(endpoints: Endpoints): Endpoints {
  const withProtocols = (subset: core.EndpointSubset): core.EndpointSubset => ({
    ...subset,
    ...mapped('ports', subset.ports, (port) => ({ ...port, protocol: port.protocol || 'TCP' })),
  });
  const { subsets = [], ...rest } = endpoints;
  // No subset at all is left out, whoever wrote it.
  return subsets.length === 0 ? rest : { ...endpoints, ...mapped('subsets', subsets, withProtocols) };
}

function* validate({ subsets = [] }: Endpoints): Generator<FieldError> {
  for (const [index, subset] of subsets.entries()) yield* validateSubset(subset, `subsets[${index}]`);
}

function* validateSubset(subset: core.EndpointSubset, field: string): Generator<FieldError> {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length + notReadyAddresses.length === 0)
    yield required(field, 'must specify `addresses` or `notReadyAddresses`');
  for (const [index, address] of addresses.entries()) yield* validateAddress(address, `${field}.addresses[${index}]`);
  for (const [index, address] of notReadyAddresses.entries())
    yield* validateAddress(address, `${field}.notReadyAddresses[${index}]`);
  for (const [index, port] of ports.entries()) yield* validatePort(port, ports.length > 1, `${field}.ports[${index}]`);
}

function* validateAddress({ ip, hostname, nodeName }: core.EndpointAddress, field: string): Generator<FieldError> {
  yield* validateIp(ip, `${field}.ip`);
  if (hostname) yield* validateName(hostname, checkDnsLabel, `${field}.hostname`);
  if (nodeName !== undefined) yield* validateName(nodeName, checkDnsSubdomain, `${field}.nodeName`);
  yield* validateNonSpecialIp(ip, `${field}.ip`);
}

function* validatePort(
  { name = '', port, protocol, appProtocol }: core.EndpointPort,
  needsName: boolean,
  field: string,
): Generator<FieldError> {
  if (name !== '') yield* validateName(name, checkDnsLabel, `${field}.name`);
  else if (needsName) yield required(`${field}.name`);
  yield* validatePortNumber(port, `${field}.port`);
  yield* validateProtocol(protocol, `${field}.protocol`);
  if (appProtocol !== undefined) yield* validateName(appProtocol, checkQualifiedName, `${field}.appProtocol`);
}

/** A headless service may have no ports: then the addresses stand alone. */
function addressesOf({ addresses = [], ports = [] }: core.EndpointSubset): readonly string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) =>
    addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
  );
}
