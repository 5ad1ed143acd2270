/** Validates what a pod is to be: the whole of `spec`, of a pod or of a template. */
import type { FieldError } from '../../meta/field-error.ts';
import { choiceErrors, duplicate, forbidden, invalid, ofPart, required } from '../../meta/field-error.ts';
import type { NameCheck } from '../../meta/names.ts';
import { checkDnsLabel, checkDnsSubdomain, checkQualifiedName, inclusiveRange } from '../../meta/names.ts';
import { compareQuantityTexts } from '../../meta/quantity-arithmetic.ts';
import { validateLabels, validateName } from '../../meta/validate-labels.ts';
import type {
  PodReadinessGate,
  PodResourceClaim,
  PodSchedulingGate,
  PodSchedulingGroup,
  PodSpec,
  ResourceRequirements,
} from '../../types/core-v1.ts';
import { aggregatedQuantities } from '../pod-resources.ts';
import { validateAffinity } from './affinity.ts';
import type { ContainerScope } from './containers.ts';
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './containers.ts';
import { validateDnsConfig, validateDnsPolicy, validateHostAliases } from './dns.ts';
import { validateOverhead, validatePodLevelResources } from './resources.ts';
import type { PodScope } from './scope.ts';
import { validateHostUsers, validatePodSecurity } from './security-context.ts';
import { validateTolerations } from './taints.ts';
import { validateTopologySpread } from './topology-spread.ts';
import { validateVolumes } from './volumes.ts';
import { validateHostProcess, validateOperatingSystem } from './windows.ts';

const MAX_INT32 = 2_147_483_647;
const RESTART_POLICIES: readonly string[] = ['Always', 'OnFailure', 'Never'];
const PREEMPTION_POLICIES: readonly string[] = ['PreemptLowerPriority', 'Never'];

export function* validatePodSpec(spec: PodSpec, field: string, scope: PodScope): Generator<FieldError> {
  if (spec.terminationGracePeriodSeconds === undefined) yield required(`${field}.terminationGracePeriodSeconds`);
  const volumes = yield* validateVolumes(spec.volumes ?? [], `${field}.volumes`, scope);
  yield* ofPart(spec.resourceClaims, (claims) => validateResourceClaims(claims, `${field}.resourceClaims`));
  const ofContainers = [...validateAllContainers({ spec, volumes, claimNames: claimNamesOf(spec) }, field)];
  yield* ofContainers;
  // Sums need amounts that can be read.
  if (ofContainers.length === 0)
    yield* ofPart(spec.resources, (asWhole) => validatePodResources(spec, asWhole, `${field}.resources`));
  if (spec.hostNetwork === true) yield* validateHostPorts(spec, `${field}.containers`, scope);
  yield* validateRunning(spec, field);
  yield* validatePlacement(spec, field);
  yield* validateNames(spec, field);
  yield* ofPart(spec.hostAliases, (aliases) => validateHostAliases(aliases, `${field}.hostAliases`));
  yield* ofPart(spec.overhead, (overhead) => validateOverhead(overhead, `${field}.overhead`));
  yield* ofPart(spec.os, () => validateOperatingSystem(spec, field));
}

function* validateAllContainers(scope: ContainerScope, field: string): Generator<FieldError> {
  yield* validateContainers(`${field}.containers`, scope);
  const { initContainers, ephemeralContainers } = scope.spec;
  yield* ofPart(initContainers, (list) => validateInitContainers(list, `${field}.initContainers`, scope));
  yield* ofPart(ephemeralContainers, (list) =>
    validateEphemeralContainers(list, `${field}.ephemeralContainers`, scope),
  );
}

/** How it runs: restarts, names it can resolve, rights. */
function* validateRunning(spec: PodSpec, field: string): Generator<FieldError> {
  yield* choiceErrors(spec.restartPolicy ?? '', RESTART_POLICIES, `${field}.restartPolicy`);
  yield* validateDnsPolicy(spec.dnsPolicy, `${field}.dnsPolicy`);
  yield* validatePodSecurity(spec, `${field}.securityContext`);
  yield* validateDnsConfig(spec, `${field}.dnsConfig`);
  yield* ofPart(spec.readinessGates, (gates) => validateReadinessGates(gates, `${field}.readinessGates`));
  yield* validateHostProcess(spec, field);
  if (spec.hostUsers === false) yield* validateHostUsers(spec, field);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32))
    yield invalid(`${field}.activeDeadlineSeconds`, deadline, inclusiveRange(1, MAX_INT32));
}

/** Where it runs. */
function* validatePlacement(spec: PodSpec, field: string): Generator<FieldError> {
  yield* ofPart(spec.nodeSelector, (selector) => validateLabels(selector, `${field}.nodeSelector`));
  yield* ofPart(spec.affinity, (affinity) => validateAffinity(affinity, `${field}.affinity`));
  yield* ofPart(spec.schedulingGates, (gates) => validateSchedulingGates(gates, `${field}.schedulingGates`));
  yield* ofPart(spec.topologySpreadConstraints, (spread) =>
    validateTopologySpread(spread, `${field}.topologySpreadConstraints`),
  );
  yield* ofPart(spec.tolerations, (tolerations) => validateTolerations(tolerations, `${field}.tolerations`));
  yield* ofPart(spec.schedulingGroup, (group) => validateSchedulingGroup(group, `${field}.schedulingGroup`));
  if (spec.preemptionPolicy !== undefined)
    yield* choiceErrors(spec.preemptionPolicy, PREEMPTION_POLICIES, `${field}.preemptionPolicy`);
}

const NAMES: readonly (readonly [keyof PodSpec, NameCheck])[] = [
  ['serviceAccountName', checkDnsSubdomain],
  ['nodeName', checkDnsSubdomain],
  ['hostname', checkDnsLabel],
  ['subdomain', checkDnsLabel],
  ['priorityClassName', checkDnsSubdomain],
  ['runtimeClassName', checkDnsSubdomain],
];

function* validateNames(spec: PodSpec, field: string): Generator<FieldError> {
  for (const [key, check] of NAMES) {
    const name = spec[key];
    if (typeof name === 'string' && name !== '') yield* validateName(name, check, `${field}.${key}`);
  }
}

/** On the host's network a container's port is the host's port. In a template the host port may still be open. */
function* validateHostPorts(spec: PodSpec, field: string, { isPod }: PodScope): Generator<FieldError> {
  for (const [index, { ports = [] }] of spec.containers.entries())
    for (const [portIndex, { hostPort = 0, containerPort }] of ports.entries())
      if ((isPod || hostPort !== 0) && hostPort !== containerPort)
        yield invalid(
          `${field}[${index}].ports[${portIndex}].hostPort`,
          hostPort,
          'must match `containerPort` when `hostNetwork` is true',
        );
}

function* validateReadinessGates(gates: readonly PodReadinessGate[], field: string): Generator<FieldError> {
  for (const [index, { conditionType }] of gates.entries())
    yield* validateName(conditionType, checkQualifiedName, `${field}[${index}].conditionType`);
}

function* validateSchedulingGroup({ podGroupName }: PodSchedulingGroup, field: string): Generator<FieldError> {
  if (podGroupName === undefined) yield invalid(field, '', 'must specify one of: `podGroupName`');
  else yield* validateName(podGroupName, checkDnsSubdomain, `${field}.podGroupName`);
}

function* validateSchedulingGates(gates: readonly PodSchedulingGate[], field: string): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, { name }] of gates.entries()) {
    yield* validateName(name, checkQualifiedName, `${field}[${index}]`);
    if (seen.has(name)) yield duplicate(`${field}[${index}]`, name);
    seen.add(name);
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();

const claimNamesOf = ({ resourceClaims = [] }: PodSpec): ReadonlySet<string> =>
  resourceClaims.length === 0
    ? NO_NAMES
    : new Set(resourceClaims.map(({ name }) => name).filter((name) => name !== ''));

function* validateResourceClaims(claims: readonly PodResourceClaim[], field: string): Generator<FieldError> {
  const names = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const path = `${field}[${index}]`;
    if (claim.name === '') yield required(`${path}.name`);
    else if (names.has(claim.name)) yield duplicate(`${path}.name`, claim.name);
    else yield* validateName(claim.name, checkDnsLabel, `${path}.name`);
    names.add(claim.name);
    yield* validateClaimSource(claim, path);
  }
}

function* validateClaimSource(claim: PodResourceClaim, field: string): Generator<FieldError> {
  const { resourceClaimName, resourceClaimTemplateName } = claim;
  if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
    yield invalid(field, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified');
  if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
    yield invalid(field, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
  if (resourceClaimName !== undefined)
    yield* validateName(resourceClaimName, checkDnsSubdomain, `${field}.resourceClaimName`);
  if (resourceClaimTemplateName !== undefined)
    yield* validateName(resourceClaimTemplateName, checkDnsSubdomain, `${field}.resourceClaimTemplateName`);
}

/** What the pod asks for as a whole must cover what its containers ask for. */
function* validatePodResources(spec: PodSpec, resources: ResourceRequirements, field: string): Generator<FieldError> {
  const problems = [...validatePodLevelResources(resources, field)];
  yield* problems;
  if (problems.length > 0) return;
  for (const [name, sum] of Object.entries(aggregatedQuantities(spec, 'requests'))) {
    const request = resources.requests?.[name] ?? '0';
    if (compareQuantityTexts(sum, request) > 0)
      yield invalid(
        `${field}.requests[${name}]`,
        request,
        `must be greater than or equal to aggregate container requests of ${sum}`,
      );
  }
  yield* validateContainerLimits(spec, resources.limits ?? {}, field);
}

function* validateContainerLimits(
  spec: PodSpec,
  podLimits: Readonly<Record<string, string>>,
  field: string,
): Generator<FieldError> {
  for (const [index, { resources }] of spec.containers.entries())
    for (const [name, limit] of Object.entries(resources?.limits ?? {})) {
      const podLimit = podLimits[name];
      if (podLimit !== undefined && compareQuantityTexts(limit, podLimit) > 0)
        yield invalid(
          `${field}.containers[${index}][${name}].limits`,
          limit,
          `must be less than or equal to pod limits of ${podLimit}`,
        );
    }
}

/** Service account tokens need an account. Templates get theirs when a pod is made from them. */
export function* validateTokenVolumes(spec: PodSpec, field: string): Generator<FieldError> {
  if (spec.serviceAccountName) return;
  for (const [index, { projected }] of (spec.volumes ?? []).entries())
    for (const [sourceIndex, { serviceAccountToken }] of (projected?.sources ?? []).entries())
      if (serviceAccountToken !== undefined)
        yield forbidden(
          `${field}.volumes[${index}].projected.sources[${sourceIndex}].serviceAccountToken`,
          'must not be specified when serviceAccountName is not set',
        );
}
