/** What a `resourceFieldRef` reads of a container: a request or a limit in units of its divisor, rounded up. */
import { parseQuantity } from '#api/meta/quantity';
import type { Container, ResourceFieldSelector } from '#api/types/core-v1';

export type ResourceList = Readonly<Record<string, string>>;

// A container without a limit may use what its node has.
const LIMITED_BY_NODE: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Undefined for a resource that cannot be read. */
export function resourceValue(
  { resources = {} }: Container,
  { resource, divisor = '0' }: ResourceFieldSelector,
  allocatable: ResourceList,
): string | undefined {
  const [kind, name] = splitOnce(resource);
  const { limits = {}, requests = {} } = resources;
  if (kind === 'requests') return units(requests[name] ?? limits[name], divisor);
  if (kind !== 'limits') return undefined;
  const ofNode = LIMITED_BY_NODE.has(name) ? allocatable[name] : undefined;
  return units(limits[name] ?? ofNode, divisor);
}

function splitOnce(text: string): readonly [kind: string, name: string] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
}

function units(amount = '0', divisor: string): string {
  const by = parseQuantity(divisor).nanos || parseQuantity('1').nanos;
  const { nanos } = parseQuantity(amount);
  return String((nanos + by - 1n) / by);
}
