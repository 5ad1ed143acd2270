/** What an object of any kind uses of the quotas of its namespace. */
import type { Quantity } from '../../meta/quantity.ts';
import { compareQuantities } from '../../meta/quantity-arithmetic.ts';
import { fromWholeUnits, parseQuantity } from '../../meta/quantity.ts';
import { parseTime } from '../../meta/time.ts';
import type { ApiObject } from '../../object.ts';
import type { PersistentVolumeClaim, Pod, PodSpec, Service } from '../../types/core-v1.ts';
import { podQuantities } from '../pod-resources.ts';
import { isTerminal } from '../pod-state.ts';
import { type Amounts, ONE, ZERO } from './amounts.ts';
import { countName, limitName, plainCountName, type QuotaKind, requestNames, storageClassName } from './names.ts';

/** `nowMs`: pods whose time to end is over use nothing any more. */
export function usageOf(kind: QuotaKind, object: ApiObject, nowMs: number): Amounts {
  const usage = new Map<string, Quantity>([[countName(kind), ONE]]);
  const plain = plainCountName(kind);
  if (plain !== undefined) usage.set(plain, ONE);
  const more = kind.group === '' ? MORE.get(kind.plural) : undefined;
  for (const [name, quantity] of more?.(object, nowMs) ?? []) usage.set(name, quantity);
  return usage;
}

type More = (object: ApiObject, nowMs: number) => Iterable<readonly [string, Quantity]>;

const MORE: ReadonlyMap<string, More> = new Map<string, More>([
  ['pods', (pod, nowMs) => (isUsing(pod as Pod, nowMs) ? usageOfSpec((pod as Pod).spec) : [])],
  ['services', (service) => usageOfService(service as Service)],
  ['persistentvolumeclaims', (claim) => usageOfClaim(claim as PersistentVolumeClaim)],
]);

function isUsing(pod: Pod, nowMs: number): boolean {
  if (isTerminal(pod)) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= parseTime(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

// Pods of one template share their spec by reference, and a recount asks for every pod.
const known = new WeakMap<PodSpec, Amounts>();

function usageOfSpec(spec: PodSpec): Amounts {
  const before = known.get(spec);
  if (before !== undefined) return before;
  const usage = new Map<string, Quantity>([['pods', ONE]]);
  for (const [resource, quantity] of podQuantities(spec, 'requests'))
    for (const name of requestNames(resource)) usage.set(name, quantity);
  for (const [resource, quantity] of podQuantities(spec, 'limits')) {
    const name = limitName(resource);
    if (name !== undefined) usage.set(name, quantity);
  }
  if (Object.isFrozen(spec)) known.set(spec, usage);
  return usage;
}

function usageOfService({ spec }: Service): Amounts {
  const { type, ports = [], allocateLoadBalancerNodePorts = true } = spec;
  const isBalanced = type === 'LoadBalancer';
  const chosen = allocateLoadBalancerNodePorts ? ports : ports.filter(({ nodePort = 0 }) => nodePort !== 0);
  const nodePorts = { NodePort: ports.length, LoadBalancer: chosen.length }[type ?? ''] ?? 0;
  return new Map([
    ['services.nodeports', fromWholeUnits(nodePorts, 'DecimalSI')],
    ['services.loadbalancers', isBalanced ? ONE : ZERO],
  ]);
}

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

function usageOfClaim(claim: PersistentVolumeClaim): Amounts {
  const storage = storageOf(claim);
  const amounts: readonly (readonly [string, Quantity])[] = [
    ['persistentvolumeclaims', ONE],
    ...(storage === undefined ? [] : ([['requests.storage', storage]] as const)),
  ];
  const storageClass = classOf(claim);
  const ofClass = storageClass === '' ? [] : amounts;
  return new Map([
    ...amounts,
    ...ofClass.map(([name, quantity]) => [storageClassName(storageClass, name), quantity] as const),
  ]);
}

const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? '';

const storageOf = ({ spec, status }: PersistentVolumeClaim): Quantity | undefined =>
  greatest([spec.resources?.requests?.['storage'], status?.allocatedResources?.['storage']]);

/** A claim that has been given more than it asks for now still uses that. */
function greatest(texts: readonly (string | undefined)[]): Quantity | undefined {
  const [first, ...others] = texts.filter((text) => text !== undefined).map(parseQuantity);
  return others.reduce((most, each) => (most !== undefined && compareQuantities(most, each) >= 0 ? most : each), first);
}
