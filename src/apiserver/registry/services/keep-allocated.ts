/** Keeps what a service was given when an update does not mention it: clients send what they wrote, not what was allocated. */
import type * as core from '#api/types/core-v1';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { AdmissionPlugin } from '../../admission/admission.ts';
import { needsHealthCheckPort, needsNodePorts } from './plan-node-ports.ts';

export const keepAllocated: AdmissionPlugin = {
  name: 'ServiceAllocatedValues',
  complete: true,
  of: ['/services'],
  handles: ({ subresource }) => subresource === undefined,
  mutate: ({ object, stored }) => keepAllocatedValues(object as core.Service, stored as core.Service | undefined),
};

/** Pure. */
export function keepAllocatedValues(next: core.Service, stored: core.Service | undefined): core.Service {
  const before = stored?.spec ?? {};
  const spec = stored === undefined ? (next.spec ?? {}) : withKept(next.spec ?? {}, before);
  const synced = syncAddresses(spec, before);
  return synced === next.spec ? next : { ...next, spec: synced };
}

function withKept(spec: core.ServiceSpec, before: core.ServiceSpec): core.ServiceSpec {
  let kept = withFamilies(spec, before);
  if (needsAddress(spec) && needsAddress(before)) kept = withAddress(kept, before);
  if (needsNodePorts(spec) && needsNodePorts(before)) kept = withNodePorts(kept, before);
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(before)) kept = withHealthCheckPort(kept, before);
  return dropUnneeded(kept, before);
}

const needsAddress = ({ type, clusterIP }: core.ServiceSpec): boolean =>
  type !== 'ExternalName' && clusterIP !== 'None';

/** Families are only changed by a client that says how. */
function withFamilies(
  spec: core.ServiceSpec,
  { type, ipFamilies = [], ipFamilyPolicy }: core.ServiceSpec,
): core.ServiceSpec {
  if (spec.type === 'ExternalName' || type === 'ExternalName') return spec;
  const policy = ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy };
  const families = ipFamilies.length === 0 || spec.ipFamilies?.length ? {} : { ipFamilies };
  return { ...spec, ...families, ...(spec.ipFamilyPolicy === undefined ? policy : {}) };
}

function withAddress(spec: core.ServiceSpec, { clusterIP = '' }: core.ServiceSpec): core.ServiceSpec {
  return spec.clusterIP || clusterIP === '' ? spec : { ...spec, clusterIP };
}

function withHealthCheckPort(spec: core.ServiceSpec, { healthCheckNodePort = 0 }: core.ServiceSpec): core.ServiceSpec {
  return spec.healthCheckNodePort || healthCheckNodePort === 0 ? spec : { ...spec, healthCheckNodePort };
}

function withNodePorts(spec: core.ServiceSpec, before: core.ServiceSpec): core.ServiceSpec {
  const ports = spec.ports ?? [];
  const used = new Set(ports.map(({ nodePort = 0 }) => nodePort));
  const kept = ports.map((port) => {
    if (port.nodePort) return port;
    const same = before.ports?.find((old) => old.port === port.port && old.protocol === port.protocol);
    const { nodePort = 0 } = same ?? {};
    return nodePort === 0 || used.has(nodePort) ? port : { ...port, nodePort };
  });
  return kept.every((port, index) => port === ports[index]) ? spec : { ...spec, ports: kept };
}

/** A service that changes its type gives back what the new type has no use for, unless the client changed that too. */
function dropUnneeded(spec: core.ServiceSpec, before: core.ServiceSpec): core.ServiceSpec {
  const isNowName = spec.type === 'ExternalName' && before.type !== 'ExternalName';
  let kept = isNowName ? withoutAddress(spec, before) : spec;
  if (!needsNodePorts(spec) && needsNodePorts(before)) kept = withoutNodePorts(kept, before);
  if (!needsHealthCheckPort(spec) && spec.healthCheckNodePort === before.healthCheckNodePort) {
    const { healthCheckNodePort, ...rest } = kept;
    if (healthCheckNodePort !== undefined) kept = rest;
  }
  return kept;
}

/** Each by itself: a client may have cleared the address and left the families. */
function withoutAddress(spec: core.ServiceSpec, before: core.ServiceSpec): core.ServiceSpec {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, ...rest } = spec;
  const isSameAddress = clusterIP === before.clusterIP;
  return {
    ...rest,
    ...(clusterIP === undefined || isSameAddress ? {} : { clusterIP }),
    ...(clusterIPs === undefined || isSameAddress ? {} : { clusterIPs }),
    ...(ipFamilies === undefined || semanticEqual(ipFamilies, before.ipFamilies) ? {} : { ipFamilies }),
    ...(ipFamilyPolicy === undefined || ipFamilyPolicy === before.ipFamilyPolicy ? {} : { ipFamilyPolicy }),
  };
}

function withoutNodePorts(spec: core.ServiceSpec, before: core.ServiceSpec): core.ServiceSpec {
  const { ports = [] } = spec;
  const given = new Set((before.ports ?? []).map(({ nodePort = 0 }) => nodePort));
  if (!ports.every(({ nodePort = 0 }) => given.has(nodePort) || nodePort === 0)) return spec;
  return { ...spec, ports: ports.map(({ nodePort: _given, ...port }) => port) };
}

/** `clusterIP` is the older writing of the first of `clusterIPs`; a client may know only one of them. */
function syncAddresses(spec: core.ServiceSpec, before: core.ServiceSpec): core.ServiceSpec {
  const { clusterIP = '', clusterIPs = [] } = spec;
  if (spec.type === 'ExternalName' || clusterIP === '' || clusterIP === clusterIPs[0]) return spec;
  // Addresses that are neither new nor those of before contradict each other: validation says so.
  if (clusterIPs.length > 0 && !semanticEqual(clusterIPs, before.clusterIPs)) return spec;
  return { ...spec, clusterIPs: [clusterIP] };
}
