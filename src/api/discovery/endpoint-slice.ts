/** A bounded part of the addresses behind a service. */
import { mapped } from '../core/pod/default-parts.ts';
import { validatePortNumber, validateProtocol } from '../core/pod/ports.ts';
import { AGE_COLUMN, column, firstFew, NAME_COLUMN } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../meta/field-error.ts';
import { validateIpOfFamily, validateNonSpecialIp } from '../meta/ip.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../meta/names.ts';
import { repeatsIn } from '../meta/repeats.ts';
import { validateLabels, validateName } from '../meta/validate-labels.ts';
import { defineResource } from '../resource.ts';
import type * as discovery from '../types/discovery-v1.ts';

export type EndpointSlice = discovery.EndpointSlice;

const SHOWN = 3;
const UNSET = '<unset>';

export const EndpointSlice = defineResource<EndpointSlice>(
  {
    group: 'discovery.k8s.io',
    version: 'v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    namespaced: true,
  },
  {
    applyDefaults,
    validateName: checkDnsSubdomain,
    validate: (slice) => [...validate(slice)],
    validateUpdate: (next, stored) =>
      next.addressType === stored.addressType ? [] : [invalid('addressType', next.addressType, 'field is immutable')],
    columns: [
      NAME_COLUMN,
      column('AddressType', 'What kind of addresses they are.', ({ addressType }) => addressType),
      column(
        'Ports',
        'The ports of every address.',
        ({ ports }) => firstFew((ports ?? []).map(portText), SHOWN) || UNSET,
      ),
      column(
        'Endpoints',
        'The addresses.',
        ({ endpoints }) =>
          firstFew(
            (endpoints ?? []).flatMap(({ addresses }) => addresses),
            SHOWN,
          ) || UNSET,
      ),
      AGE_COLUMN,
    ],
  },
);

const portText = ({ port, name }: discovery.EndpointPort): string => String(port ?? name ?? '*');

function applyDefaults(slice: EndpointSlice): EndpointSlice {
  const defaultPort = (port: discovery.EndpointPort): discovery.EndpointPort => ({
    ...port,
    name: port.name ?? '',
    protocol: port.protocol ?? 'TCP',
  });
  return { ...slice, ...mapped('ports', slice.ports, defaultPort) };
}

const ADDRESS_TYPES: readonly string[] = ['FQDN', 'IPv4', 'IPv6'];
const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const TOPOLOGY_LABELS_MAX = 16;
const HINTS_MAX = 8;

function* validate({ addressType, endpoints, ports }: EndpointSlice): Generator<FieldError> {
  if (addressType === '') yield required('addressType');
  else if (!ADDRESS_TYPES.includes(addressType)) yield notSupported('addressType', addressType, ADDRESS_TYPES);
  yield* validateEndpoints(endpoints ?? [], addressType);
  yield* validatePorts(ports ?? []);
}

function* validateEndpoints(endpoints: readonly discovery.Endpoint[], addressType: string): Generator<FieldError> {
  if (endpoints.length > ENDPOINTS_MAX) {
    yield tooMany('endpoints', endpoints.length, ENDPOINTS_MAX);
    return;
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const field = `endpoints[${index}]`;
    yield* validateAddresses(endpoint.addresses, addressType, `${field}.addresses`);
    yield* validatePlace(endpoint, field);
    yield* validateHints(endpoint.hints, `${field}.hints`);
  }
}

function* validateAddresses(addresses: readonly string[], addressType: string, field: string): Generator<FieldError> {
  if (addresses.length === 0) yield required(field, 'must contain at least 1 address');
  else if (addresses.length > ADDRESSES_MAX) yield tooMany(field, addresses.length, ADDRESSES_MAX);
  for (const [index, address] of addresses.entries())
    yield* validateAddress(address, addressType, `${field}[${index}]`);
}

function* validateAddress(address: string, addressType: string, field: string): Generator<FieldError> {
  switch (addressType) {
    case 'IPv4':
    case 'IPv6':
      yield* validateIpOfFamily(address, addressType, field);
      yield* validateNonSpecialIp(address, field);
      break;
    case 'FQDN':
      yield* validateDomain(address, field);
      break;
    default: // refused already
  }
}

function* validateDomain(name: string, field: string): Generator<FieldError> {
  const domain = name.replace(/\.$/, '');
  const problems = checkDnsSubdomain(domain);
  if (name === '') yield required(field);
  else if (problems.length > 0) yield invalid(field, domain, problems.join(','));
  else if (!domain.includes('.'))
    yield invalid(field, domain, 'should be a domain with at least two segments separated by dots');
}

function* validatePlace(endpoint: discovery.Endpoint, field: string): Generator<FieldError> {
  const { deprecatedTopology: topology = {}, nodeName, zone, hostname } = endpoint;
  const count = Object.keys(topology).length;
  if (count > TOPOLOGY_LABELS_MAX) yield tooMany(`${field}.deprecatedTopology`, count, TOPOLOGY_LABELS_MAX);
  yield* validateLabels(topology, `${field}.deprecatedTopology`);
  if (nodeName !== undefined) yield* validateName(nodeName, checkDnsSubdomain, `${field}.nodeName`);
  if (zone !== undefined) yield* validateName(zone, checkLabelValue, `${field}.zone`);
  if (hostname !== undefined) yield* validateName(hostname, checkDnsLabel, `${field}.hostname`);
}

function* validateHints(hints: discovery.EndpointHints | undefined, field: string): Generator<FieldError> {
  for (const list of ['forZones', 'forNodes'] as const) {
    const names = (hints?.[list] ?? []).map(({ name }) => name);
    if (names.length > HINTS_MAX) yield tooMany(`${field}.${list}`, names.length, HINTS_MAX);
    const repeats = repeatsIn(names);
    for (const [index, name] of names.entries()) {
      const path = `${field}.${list}[${index}]`;
      if (repeats.has(index)) yield duplicate(`${path}.name`, name);
      yield* validateName(name, list === 'forZones' ? checkLabelValue : checkDnsSubdomain, `${path}.name`);
    }
  }
}

function* validatePorts(ports: readonly discovery.EndpointPort[]): Generator<FieldError> {
  if (ports.length > PORTS_MAX) {
    yield tooMany('ports', ports.length, PORTS_MAX);
    return;
  }
  const names = new Set<string>();
  for (const [index, { name = '', protocol, port, appProtocol }] of ports.entries()) {
    const field = `ports[${index}]`;
    if (name !== '') yield* validateName(name, checkDnsLabel, `${field}.name`);
    if (names.has(name)) yield duplicate(`${field}.name`, name);
    names.add(name);
    yield* validateProtocol(protocol, `${field}.protocol`);
    if (port !== undefined) yield* validatePortNumber(port, `${field}.port`);
    if (appProtocol !== undefined) yield* validateName(appProtocol, checkQualifiedName, `${field}.appProtocol`);
  }
}
