/** Validates a service: what its type needs and forbids, how it treats clients, and where it may be reached from. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { ipFamilyOf, validateCidr, validateIp, validateNonSpecialIp } from '../../meta/ip.ts';
import { checkDnsSubdomain, checkQualifiedName } from '../../meta/names.ts';
import { validateLabels, validateName } from '../../meta/validate-labels.ts';
import type { LoadBalancerIngress, Service, ServiceSpec } from '../../types/core-v1.ts';
import { validatePortNumber } from '../pod/ports.ts';
import { validateAddressChange, validateAddresses } from './addresses.ts';
import { isExternallyReachable, isHeadless, isServed, needsHealthCheck } from './exposure.ts';
import { validateServicePorts } from './ports.ts';

const TYPES: readonly string[] = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES: readonly string[] = ['ClientIP', 'None'];
const TRAFFIC_POLICIES: readonly string[] = ['Cluster', 'Local'];
const DISTRIBUTIONS: readonly string[] = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const AFFINITY_MAX_SECONDS = 86_400;

export function* validateService({ metadata, spec }: Service): Generator<FieldError> {
  const annotations = metadata.annotations ?? {};
  yield* validateTopologyAnnotations(annotations);
  yield* validateType(spec);
  yield* validateServicePorts(spec);
  yield* validateLabels(spec.selector, 'spec.selector');
  yield* validateAffinity(spec);
  yield* validateAddresses(spec);
  yield* validateExternalIps(spec.externalIPs ?? []);
  yield* validateSourceRanges(spec, annotations);
  yield* validateBalancer(spec);
  yield* validateTraffic(spec);
}

const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';

function* validateTopologyAnnotations(annotations: Readonly<Record<string, string>>): Generator<FieldError> {
  const [mode, hints] = [annotations[TOPOLOGY_MODE], annotations[TOPOLOGY_HINTS]];
  if (mode !== undefined && hints !== undefined && mode !== hints)
    yield invalid(
      `metadata.annotations[${TOPOLOGY_MODE}]`,
      mode,
      `must match annotations[${TOPOLOGY_HINTS}] when both are specified`,
    );
}

function* validateType(spec: ServiceSpec): Generator<FieldError> {
  const { type = '' } = spec;
  if (type === '') yield required('spec.type');
  else if (!TYPES.includes(type)) yield notSupported('spec.type', type, TYPES);
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec))
    yield invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`);
  if (type === 'ExternalName') yield* validateExternalName(spec);
}

function* validateExternalName(spec: ServiceSpec): Generator<FieldError> {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = spec;
  const why = 'may not be set for ExternalName services';
  if (clusterIPs.length > 0) yield forbidden('spec.clusterIPs', why);
  if (ipFamilies.length > 0) yield forbidden('spec.ipFamilies', why);
  if (ipFamilyPolicy !== undefined) yield forbidden('spec.ipFamilyPolicy', why);
  const name = externalName.replace(/\.$/, '');
  if (name === '') yield required('spec.externalName');
  else yield* validateName(name, checkDnsSubdomain, 'spec.externalName');
}

function* validateAffinity({
  sessionAffinity = '',
  sessionAffinityConfig: config,
}: ServiceSpec): Generator<FieldError> {
  const field = 'spec.sessionAffinityConfig';
  if (sessionAffinity === '') yield required('spec.sessionAffinity');
  else if (!AFFINITIES.includes(sessionAffinity))
    yield notSupported('spec.sessionAffinity', sessionAffinity, AFFINITIES);
  if (sessionAffinity === 'None' && config !== undefined)
    yield forbidden(field, 'must not be set when session affinity is None');
  if (sessionAffinity === 'ClientIP')
    yield* validateAffinitySeconds(config?.clientIP?.timeoutSeconds, `${field}.clientIP.timeoutSeconds`);
}

function* validateAffinitySeconds(seconds: number | undefined, field: string): Generator<FieldError> {
  if (seconds === undefined) yield required(field, 'when session affinity type is ClientIP');
  else if (seconds <= 0 || seconds > AFFINITY_MAX_SECONDS)
    yield invalid(field, seconds, `must be greater than 0 and less than ${AFFINITY_MAX_SECONDS}`);
}

function* validateExternalIps(addresses: readonly string[]): Generator<FieldError> {
  for (const [index, address] of addresses.entries()) {
    const field = `spec.externalIPs[${index}]`;
    const problems = [...validateIp(address, field)];
    yield* problems.length > 0 ? problems : validateNonSpecialIp(address, field);
  }
}

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";

type Sources = { readonly field: string; readonly ranges: readonly string[] };

/** Who may reach the load balancer: by the field, or else by the annotation that came before it. */
function sourcesOf(
  { loadBalancerSourceRanges: ranges = [] }: ServiceSpec,
  annotations: Readonly<Record<string, string>>,
): Sources | undefined {
  if (ranges.length > 0) return { field: 'spec.LoadBalancerSourceRanges', ranges };
  const annotation = annotations[SOURCE_RANGES]?.trim();
  if (annotation === undefined) return undefined;
  return {
    field: `metadata.annotations[${SOURCE_RANGES}]`,
    ranges: annotation === '' ? [] : annotation.split(','),
  };
}

function* validateSourceRanges(
  spec: ServiceSpec,
  annotations: Readonly<Record<string, string>>,
): Generator<FieldError> {
  const sources = sourcesOf(spec, annotations);
  if (sources === undefined) return;
  const { field, ranges } = sources;
  if (spec.type !== 'LoadBalancer') yield forbidden(field, BALANCER_ONLY);
  const isList = ranges === spec.loadBalancerSourceRanges;
  for (const [index, range] of ranges.entries())
    yield* validateCidr(range.trim(), isList ? `${field}[${index}]` : field);
}

function* validateBalancer(spec: ServiceSpec): Generator<FieldError> {
  const { type, allocateLoadBalancerNodePorts: allocates, loadBalancerClass } = spec;
  if (type === 'LoadBalancer') {
    if (allocates === undefined) yield required('allocateLoadBalancerNodePorts');
    if (loadBalancerClass !== undefined)
      yield* validateName(loadBalancerClass, checkQualifiedName, 'spec.loadBalancerClass');
  } else {
    if (allocates !== undefined) yield forbidden('spec.allocateLoadBalancerNodePorts', BALANCER_ONLY);
    if (loadBalancerClass !== undefined) yield forbidden('spec.loadBalancerClass', BALANCER_ONLY);
  }
}

function* validateTraffic(spec: ServiceSpec): Generator<FieldError> {
  yield* validateExternalPolicy(spec);
  yield* validateHealthCheckPort(spec);
  const { internalTrafficPolicy: internal, trafficDistribution } = spec;
  if (internal === undefined && isServed(spec)) yield required('spec.internalTrafficPolicy');
  if (internal !== undefined && !TRAFFIC_POLICIES.includes(internal))
    yield notSupported('spec.internalTrafficPolicy', internal, TRAFFIC_POLICIES);
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution))
    yield notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS);
}

function* validateExternalPolicy(spec: ServiceSpec): Generator<FieldError> {
  const { externalTrafficPolicy: policy = '' } = spec;
  const field = 'spec.externalTrafficPolicy';
  if (!isExternallyReachable(spec)) {
    if (policy !== '') yield invalid(field, policy, 'may only be set for externally-accessible services');
  } else if (policy === '') yield required(field);
  else if (!TRAFFIC_POLICIES.includes(policy)) yield notSupported(field, policy, TRAFFIC_POLICIES);
}

/** A port that is needed and not named is allocated when the service is written. */
function* validateHealthCheckPort(spec: ServiceSpec): Generator<FieldError> {
  const { healthCheckNodePort: port = 0 } = spec;
  const field = 'spec.healthCheckNodePort';
  if (port === 0) return;
  if (needsHealthCheck(spec)) yield* validatePortNumber(port, field);
  else
    yield invalid(field, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
}

export function* validateServiceUpdate({ spec: next }: Service, { spec: stored }: Service): Generator<FieldError> {
  yield* validateAddressChange(next, stored);
  const areBalancers = next.type === 'LoadBalancer' && stored.type === 'LoadBalancer';
  if (areBalancers && next.loadBalancerClass !== stored.loadBalancerClass)
    yield invalid('spec.loadBalancerClass', next.loadBalancerClass, 'may not change once set');
  const keepsCheck = needsHealthCheck(next) && needsHealthCheck(stored);
  if (keepsCheck && (next.healthCheckNodePort ?? 0) !== (stored.healthCheckNodePort ?? 0))
    yield forbidden('spec.healthCheckNodePort', 'field is immutable');
}

export function* validateServiceStatus({ spec, status }: Service): Generator<FieldError> {
  const ingresses = status?.loadBalancer?.ingress ?? [];
  const field = 'status.loadBalancer.ingress';
  if (ingresses.length > 0 && spec.type !== 'LoadBalancer')
    yield forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'");
  else for (const [index, ingress] of ingresses.entries()) yield* validateIngress(ingress, `${field}[${index}]`);
}

const IP_MODES: readonly string[] = ['Proxy', 'VIP'];

function* validateIngress(
  { ip = '', ipMode, hostname = '' }: LoadBalancerIngress,
  field: string,
): Generator<FieldError> {
  if (ip !== '') yield* validateIp(ip, `${field}.ip`);
  yield* validateIpMode(ip, ipMode, `${field}.ipMode`);
  if (hostname === '') return;
  yield* validateName(hostname, checkDnsSubdomain, `${field}.hostname`);
  if (ipFamilyOf(hostname) !== undefined)
    yield invalid(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address');
}

function* validateIpMode(ip: string, mode: string | undefined, field: string): Generator<FieldError> {
  if (mode === undefined) {
    if (ip !== '') yield required(field, 'must be specified when `ip` is set');
  } else if (ip === '') yield forbidden(field, 'may not be specified when `ip` is not set');
  else if (!IP_MODES.includes(mode)) yield notSupported(field, mode, IP_MODES);
}
