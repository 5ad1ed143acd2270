/** Validates whom and what a network policy lets through. */
import { validatePortNumber } from '../../core/pod/ports.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { isStrictlyWithin, validateCidr } from '../../meta/ip.ts';
import { checkPortName } from '../../meta/names.ts';
import { validateLabelSelector, validateName } from '../../meta/validate-labels.ts';
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../../types/networking-v1.ts';

const PROTOCOLS: readonly string[] = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES: readonly string[] = ['Ingress', 'Egress'];

export function* validateNetworkPolicy(spec: NetworkPolicySpec): Generator<FieldError> {
  yield* validateLabelSelector(spec.podSelector, 'spec.podSelector');
  for (const [index, { ports = [], from = [] }] of (spec.ingress ?? []).entries())
    yield* validateRule(ports, from, { field: `spec.ingress[${index}]`, peers: 'from' });
  for (const [index, { ports = [], to = [] }] of (spec.egress ?? []).entries())
    yield* validateRule(ports, to, { field: `spec.egress[${index}]`, peers: 'to' });
  yield* validateTypes(spec.policyTypes ?? [], 'spec.policyTypes');
}

function* validateTypes(types: readonly string[], field: string): Generator<FieldError> {
  if (types.length > POLICY_TYPES.length) {
    yield invalid(field, types, 'may not specify more than two policyTypes');
    return;
  }
  for (const [index, type] of types.entries())
    if (!POLICY_TYPES.includes(type)) yield notSupported(`${field}[${index}]`, type, POLICY_TYPES);
}

function* validateRule(
  ports: readonly NetworkPolicyPort[],
  peers: readonly NetworkPolicyPeer[],
  place: { readonly field: string; readonly peers: string },
): Generator<FieldError> {
  for (const [index, port] of ports.entries()) yield* validatePort(port, `${place.field}.ports[${index}]`);
  for (const [index, peer] of peers.entries()) yield* validatePeer(peer, `${place.field}.${place.peers}[${index}]`);
}

function* validatePort({ protocol, port, endPort }: NetworkPolicyPort, field: string): Generator<FieldError> {
  if (protocol !== undefined && !PROTOCOLS.includes(protocol))
    yield notSupported(`${field}.protocol`, protocol, PROTOCOLS);
  if (typeof port === 'number') {
    yield* validatePortNumber(port, `${field}.port`);
    if (endPort !== undefined) yield* validateEndPort(endPort, port, `${field}.endPort`);
    return;
  }
  if (endPort !== undefined) {
    const why = port === undefined ? 'not specified' : 'non-numeric';
    yield invalid(`${field}.endPort`, endPort, `may not be specified when \`port\` is ${why}`);
  }
  if (port !== undefined) yield* validateName(port, checkPortName, `${field}.port`);
}

function* validateEndPort(endPort: number, port: number, field: string): Generator<FieldError> {
  if (endPort < port) yield invalid(field, endPort, 'must be greater than or equal to `port`');
  yield* validatePortNumber(endPort, field);
}

function* validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  field: string,
): Generator<FieldError> {
  yield* validateLabelSelector(podSelector, `${field}.podSelector`);
  yield* validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`);
  if (ipBlock !== undefined) yield* validateIpBlock(ipBlock, `${field}.ipBlock`);
  const isOfPods = podSelector !== undefined || namespaceSelector !== undefined;
  if (!isOfPods && ipBlock === undefined) yield required(field, 'must specify a peer');
  if (isOfPods && ipBlock !== undefined) yield forbidden(field, 'may not specify both ipBlock and another peer');
}

function* validateIpBlock({ cidr, except = [] }: IPBlock, field: string): Generator<FieldError> {
  if (cidr === '') {
    yield required(`${field}.cidr`);
    return;
  }
  const problems = [...validateCidr(cidr, `${field}.cidr`)];
  yield* problems;
  for (const [index, range] of except.entries()) {
    const path = `${field}.except[${index}]`;
    const problemsOfRange = [...validateCidr(range, path)];
    yield* problemsOfRange;
    if (problems.length + problemsOfRange.length === 0 && !isStrictlyWithin(range, cidr))
      yield invalid(path, range, 'must be a strict subset of `cidr`');
  }
}
