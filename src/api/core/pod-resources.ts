/** What a pod as a whole asks for and may use: of its containers, of those that run before them, and of itself. */
import { addQuantities, compareQuantities } from '../meta/quantity-arithmetic.ts';
import type { Quantity } from '../meta/quantity.ts';
import { formatQuantity, milliUnits, parseQuantity, wholeUnits } from '../meta/quantity.ts';
import type { Container, Pod, PodSpec } from '../types/core-v1.ts';
import { isPodLevelResource } from './pod/resources.ts';
import { isSidecar } from './pod/visit.ts';

type Side = 'requests' | 'limits';
type Amounts = ReadonlyMap<string, Quantity>;

/** Amounts as numbers: CPU in thousandths of a core, everything else in units (bytes, counts), both rounded up. */
export type ResourceAmounts = Readonly<Record<string, number>>;

// Pods of one template share their containers by reference, and schedulers ask for every pod over and over.
const knownAmounts = new WeakMap<object, ResourceAmounts>();

/** What the pod takes from a node. */
export function podRequests({ spec }: Pick<Pod, 'spec'>): ResourceAmounts {
  const source = whatCounts(spec);
  const known = knownAmounts.get(source);
  if (known !== undefined) return known;
  const amounts = source === spec.containers ? ofContainers(spec) : toNumbers(podQuantities(spec, 'requests'));
  knownAmounts.set(source, amounts);
  return amounts;
}

/** One container that asks for everything needs no sums. */
function ofContainers(spec: PodSpec): ResourceAmounts {
  const [only, ...others] = spec.containers;
  if (only === undefined || others.length > 0) return toNumbers(podQuantities(spec, 'requests'));
  const amounts: Record<string, number> = {};
  for (const [name, text] of Object.entries(only.resources?.requests ?? {}))
    amounts[name] = toNumber(name, parseQuantity(text));
  return Object.freeze(amounts);
}

/** Where the containers alone count, these: a spec is another once the pod has a node. */
function whatCounts(spec: PodSpec): object {
  const { initContainers = [], overhead, resources } = spec;
  return initContainers.length === 0 && overhead === undefined && resources === undefined ? spec.containers : spec;
}

/** The most the pod may use of what is limited in all its containers or as a whole. */
export function podLimits({ spec }: Pick<Pod, 'spec'>): ResourceAmounts {
  return toNumbers(podQuantities(spec, 'limits'));
}

/** The sum over the containers as quantities: init containers run one after another, sidecars stay. */
export function aggregatedQuantities(spec: PodSpec, side: Side): Readonly<Record<string, string>> {
  const texts = [...aggregate(spec, side)].map(([name, quantity]) => [name, formatQuantity(quantity)]);
  return Object.fromEntries(texts) as Readonly<Record<string, string>>;
}

/** What the pod asks for or may use, overhead included. */
export function podQuantities(spec: PodSpec, side: Side): Amounts {
  const amounts = new Map(aggregate(spec, side));
  for (const [name, quantity] of read(spec.resources?.[side]))
    if (isPodLevelResource(name)) amounts.set(name, quantity);
  const overhead = read(spec.overhead);
  // Overhead adds to a limit; where nothing is limited, overhead limits nothing either.
  for (const [name, quantity] of overhead)
    if (side === 'requests' || amounts.has(name)) amounts.set(name, plus(amounts.get(name), quantity));
  return amounts;
}

function aggregate(spec: PodSpec, side: Side): Amounts {
  const amount = (container: Container): Amounts => read(container.resources?.[side]);
  const main = sum(spec.containers.map(amount));
  let sidecars: Amounts = new Map();
  let peak: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const during = sum([sidecars, amount(container)]);
    if (isSidecar(container)) sidecars = during;
    peak = greatest(peak, during);
  }
  return greatest(sum([main, sidecars]), peak);
}

function sum(all: readonly Amounts[]): Amounts {
  const total = new Map<string, Quantity>();
  for (const amounts of all) for (const [name, quantity] of amounts) total.set(name, plus(total.get(name), quantity));
  return total;
}

function greatest(left: Amounts, right: Amounts): Amounts {
  const result = new Map(left);
  for (const [name, quantity] of right) {
    const other = result.get(name);
    if (other === undefined || compareQuantities(quantity, other) > 0) result.set(name, quantity);
  }
  return result;
}

const plus = (left: Quantity | undefined, right: Quantity): Quantity =>
  left === undefined ? right : addQuantities(left, right);

const read = (list: Readonly<Record<string, string>> | undefined): Amounts =>
  new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

function toNumbers(amounts: Amounts): ResourceAmounts {
  const entries = [...amounts].map(([name, quantity]) => [name, toNumber(name, quantity)]);
  return Object.freeze(Object.fromEntries(entries) as Record<string, number>);
}

const toNumber = (name: string, quantity: Quantity): number =>
  name === 'cpu' ? milliUnits(quantity) : wholeUnits(quantity);
