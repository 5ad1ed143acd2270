/** The columns that tables of many kinds share. */
import type { ApiObject } from '../object.ts';
import type { Column } from '../resource.ts';
import { ageOf } from './human-duration.ts';

export const NAME_COLUMN: Column<ApiObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  description: 'What the object is called; unique among its kind in its namespace.',
  cell: ({ metadata }) => metadata.name,
};

export const AGE_COLUMN: Column<ApiObject> = {
  name: 'Age',
  type: 'string',
  priority: 0,
  description: 'How long ago the object was created.',
  cell: ({ metadata }, nowMs) => ageOf(metadata.creationTimestamp, nowMs),
};

export const NONE = '<none>';

/** The first few of a list, and how many more there are. */
export function firstFew(items: readonly string[], max: number): string {
  const shown = items.slice(0, max).join(',');
  return items.length > max ? `${shown} + ${items.length - max} more...` : shown;
}

/** Labels in the order of their keys, as upstream prints them: `app=web,tier=front`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? NONE : pairs.toSorted().join(',');
}
