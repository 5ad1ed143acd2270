/** The classes of priority that every cluster has, for what the cluster itself runs. */
import type { PriorityClass } from '../types/scheduling-v1.ts';

/** What users may give at most; everything above is the system's. */
export const HIGHEST_OF_USERS = 1_000_000_000;

export const SYSTEM_PREFIX = 'system-';

type SystemClass = Required<Pick<PriorityClass, 'value' | 'description'>> & { readonly name: string };

export const SYSTEM_CLASSES: readonly SystemClass[] = [
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

export const isSystemClass = (name: string): boolean => SYSTEM_CLASSES.some((each) => each.name === name);

/** Why a class with the system's prefix is not one of the system's, or nothing. */
export function unlikeSystemClass({ metadata: { name }, value = 0, globalDefault = false }: PriorityClass) {
  const known = SYSTEM_CLASSES.find((each) => each.name === name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
