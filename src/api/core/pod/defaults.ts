/** Fills in what a pod's author left open, as upstream does. Idempotent: what is set stays. */
import { deepFreeze } from '#base/deep-freeze';
import type {
  Container,
  ContainerPort,
  EnvVar,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  PodSpec,
  Probe,
  ResourceRequirements,
} from '../../types/core-v1.ts';
import { aggregatedQuantities } from '../pod-resources.ts';
import { isHugePages, mayOvercommit } from '../resource-names.ts';
import { mapped, withDivisor, withVersion } from './default-parts.ts';
import { defaultPullPolicy } from './image.ts';
import { rememberSpecs } from './known-specs.ts';
import { isPodLevelResource } from './resources.ts';
import { defaultVolume } from './volume-defaults.ts';

const GRACE_PERIOD_SECONDS = 30;

/** The defaults of a pod's spec wherever it stands: in a pod or in a template. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  return {
    ...spec,
    ...accountOf(spec),
    restartPolicy: spec.restartPolicy || 'Always',
    dnsPolicy: spec.dnsPolicy || 'ClusterFirst',
    schedulerName: spec.schedulerName || 'default-scheduler',
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? GRACE_PERIOD_SECONDS,
    securityContext: spec.securityContext ?? {},
    containers: spec.containers.map(defaultContainer),
    ...mapped('initContainers', spec.initContainers, defaultContainer),
    ...mapped('ephemeralContainers', spec.ephemeralContainers, defaultContainer),
    ...mapped('volumes', spec.volumes, defaultVolume),
  };
}

/** The field had another name once, and both are kept the same. */
function accountOf({ serviceAccountName, serviceAccount }: PodSpec): Partial<PodSpec> {
  const name = serviceAccountName || serviceAccount;
  return name ? { serviceAccountName: name, serviceAccount: name } : {};
}

function defaultContainer<C extends Container>(container: C): C {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  return {
    ...container,
    imagePullPolicy: container.imagePullPolicy || defaultPullPolicy(container.image ?? ''),
    terminationMessagePath: container.terminationMessagePath || '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy || 'File',
    resources: container.resources ?? {}, // upstream's is never absent
    ...mapped('ports', container.ports, defaultPort),
    ...mapped('env', container.env, defaultVariable),
    ...(lifecycle === undefined ? {} : { lifecycle: defaultLifecycle(lifecycle) }),
    ...(livenessProbe === undefined ? {} : { livenessProbe: defaultProbe(livenessProbe) }),
    ...(readinessProbe === undefined ? {} : { readinessProbe: defaultProbe(readinessProbe) }),
    ...(startupProbe === undefined ? {} : { startupProbe: defaultProbe(startupProbe) }),
  };
}

const defaultPort = (port: ContainerPort): ContainerPort => ({ ...port, protocol: port.protocol || 'TCP' });

function defaultVariable(variable: EnvVar): EnvVar {
  const { valueFrom } = variable;
  if (valueFrom?.fieldRef !== undefined)
    return { ...variable, valueFrom: { ...valueFrom, fieldRef: withVersion(valueFrom.fieldRef) } };
  if (valueFrom?.resourceFieldRef !== undefined)
    return { ...variable, valueFrom: { ...valueFrom, resourceFieldRef: withDivisor(valueFrom.resourceFieldRef) } };
  return variable;
}

function defaultProbe(probe: Probe): Probe {
  return {
    ...probe,
    ...defaultHttp(probe),
    ...(probe.grpc === undefined ? {} : { grpc: { ...probe.grpc, service: probe.grpc.service ?? '' } }),
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}

function defaultLifecycle(lifecycle: Lifecycle): Lifecycle {
  const { postStart, preStop } = lifecycle;
  return {
    ...lifecycle,
    ...(postStart === undefined ? {} : { postStart: defaultHandler(postStart) }),
    ...(preStop === undefined ? {} : { preStop: defaultHandler(preStop) }),
  };
}

const defaultHandler = (handler: LifecycleHandler): LifecycleHandler => ({ ...handler, ...defaultHttp(handler) });

function defaultHttp({ httpGet }: { readonly httpGet?: HTTPGetAction }): { readonly httpGet?: HTTPGetAction } {
  if (httpGet === undefined) return {};
  return { httpGet: { ...httpGet, path: httpGet.path || '/', scheme: httpGet.scheme || 'HTTP' } };
}

/** The defaults of a pod's spec, with those that only pods have: templates leave these open until a pod is made of them. */
export const defaultPod: (spec: PodSpec) => PodSpec = rememberSpecs((spec) => deepFreeze(withPodDefaults(spec)));

function withPodDefaults(spec: PodSpec): PodSpec {
  const ofParts = defaultPodSpec(spec);
  const openPorts = spec.hostNetwork === true ? withHostPorts : (container: Container): Container => container;
  const ofPod = (container: Container): Container => openPorts(withRequests(container));
  const result = {
    ...ofParts,
    enableServiceLinks: spec.enableServiceLinks ?? true,
    containers: ofParts.containers.map(ofPod),
    ...mapped('initContainers', ofParts.initContainers, ofPod),
  };
  return spec.resources === undefined ? result : { ...result, resources: defaultPodResources(result, spec.resources) };
}

/** A pod that says something of its resources as a whole says the rest through its containers. */
function defaultPodResources(
  spec: PodSpec,
  { requests = {}, limits = {}, ...rest }: ResourceRequirements,
): ResourceRequirements {
  const hasRequests = Object.keys(requests).length > 0;
  const allLimits = { ...limits, ...hugePageLimits(spec, { requests, limits }) };
  const hasLimits = Object.keys(allLimits).length > 0;
  const allRequests = hasLimits
    ? { ...shared(allLimits), ...overcommittable(aggregatedQuantities(spec, 'requests')), ...requests }
    : requests;
  const finalLimits = hasLimits || !hasRequests ? allLimits : limitsOfAll(spec);
  return {
    ...rest,
    ...(Object.keys(allRequests).length > 0 ? { requests: allRequests } : {}),
    ...(Object.keys(finalLimits).length > 0 ? { limits: finalLimits } : {}),
  };
}

type List = Readonly<Record<string, string>>;

const filtered = (list: List, test: (name: string) => boolean): List =>
  Object.fromEntries(Object.entries(list).filter(([name]) => test(name)));

const shared = (list: List): List => filtered(list, isPodLevelResource);
const overcommittable = (list: List): List => filtered(shared(list), mayOvercommit);

function hugePageLimits(spec: PodSpec, { requests = {}, limits = {} }: ResourceRequirements): List {
  if (Object.keys(requests).length + Object.keys(limits).length === 0) return {};
  const ofContainers = filtered(aggregatedQuantities(spec, 'limits'), isHugePages);
  return filtered(ofContainers, (name) => !Object.hasOwn(requests, name) && !Object.hasOwn(limits, name));
}

/** Limits that every container has add up to one of the pod. */
function limitsOfAll(spec: PodSpec): List {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  return filtered(overcommittable(aggregatedQuantities(spec, 'limits')), (name) =>
    containers.every(({ resources }) => resources?.limits?.[name] !== undefined),
  );
}

/** Who limits a resource and does not say what to reserve of it gets all of it reserved. */
function withRequests(container: Container): Container {
  const { limits, requests = {} } = container.resources ?? {};
  if (limits === undefined) return container;
  const missing = Object.entries(limits).filter(([name]) => !Object.hasOwn(requests, name));
  if (missing.length === 0) return container;
  return {
    ...container,
    resources: { ...container.resources, requests: { ...requests, ...Object.fromEntries(missing) } },
  };
}

/** On the host's network a port is a port of the host. */
function withHostPorts(container: Container): Container {
  return {
    ...container,
    ...mapped('ports', container.ports, (port) => ({ ...port, hostPort: port.hostPort || port.containerPort })),
  };
}
