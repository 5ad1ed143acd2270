/** What pods ask for, summed container by container as upstream's resource helpers do. */
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';
import type { Container, Node, Pod } from '#api/types/core-v1';

/** CPU in thousandths of a core, everything else in units. */
export type Amounts = Readonly<Record<string, number>>;

export const amount = (name: string, text: string): number =>
  name === 'cpu' ? milliUnits(parseQuantity(text)) : wholeUnits(parseQuantity(text));

const read = (list: Readonly<Record<string, string>> = {}): Amounts =>
  Object.fromEntries(Object.entries(list).map(([name, text]) => [name, amount(name, text)]));

export const allocatable = ({ status }: Node): Amounts => read(status?.allocatable);

/** What a container counts as where it says nothing: for scoring only. */
export const UNASKED: Amounts = { cpu: 100, memory: 200 * 1024 * 1024 };

/** `unasked` stands in for requests that a container does not make. */
export function requests({ spec }: Pod, unasked: Amounts = {}): Amounts {
  const of = (container: Container): Amounts => ({ ...unasked, ...read(container.resources?.requests) });
  let running: Amounts = {};
  for (const container of spec.containers) running = plus(running, of(container));
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      running = plus(running, of(container));
      sidecars = plus(sidecars, of(container));
      starting = most(starting, sidecars);
    } else starting = most(starting, plus(sidecars, of(container)));
  }
  return plus({ ...most(running, starting), ...podLevel(spec) }, read(spec.overhead));
}

/** What the pod asks for as a whole counts instead of what its containers ask for. */
const podLevel = ({ resources }: Pod['spec']): Amounts =>
  Object.fromEntries(
    Object.entries(read(resources?.requests)).filter(
      ([name]) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-'),
    ),
  );

/** What a pod that runs counts as for the score of free room. */
export function requestsForScore(pod: Pod): Amounts {
  const asked = requests(pod);
  const isPodLevel = Object.keys(podLevel(pod.spec)).length > 0;
  const unasked = Object.entries(UNASKED).filter(([name]) => !isPodLevel || asked[name] === undefined);
  return requests(pod, Object.fromEntries(unasked));
}

export function plus(left: Amounts, right: Amounts): Amounts {
  const sum: Record<string, number> = { ...left };
  for (const [name, value] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

function most(left: Amounts, right: Amounts): Amounts {
  const result: Record<string, number> = { ...left };
  for (const [name, value] of Object.entries(right)) result[name] = Math.max(result[name] ?? 0, value);
  return result;
}
