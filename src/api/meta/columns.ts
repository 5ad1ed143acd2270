/** The columns that tables of many kinds share. */
import type { ApiObject } from '../object.ts';
import type { Column } from '../resource.ts';
import { ageOf } from './human-duration.ts';

type Cell<T> = Column<T>['cell'];

/** A column that is always shown. */
export const column = <T>(name: string, description: string, cell: Cell<T>): Column<T> => ({
  name,
  type: 'string',
  priority: 0,
  description,
  cell,
});

/** A column that is shown with `-o wide` only. */
export const wideColumn = <T>(name: string, description: string, cell: Cell<T>): Column<T> => ({
  ...column(name, description, cell),
  priority: 1,
});

/** A column of whole numbers, set flush right. */
export const countColumn = <T>(name: string, description: string, cell: Cell<T>): Column<T> => ({
  ...column(name, description, cell),
  type: 'integer',
});

/** A column of yes and no. */
export const booleanColumn = <T>(name: string, description: string, cell: Cell<T>): Column<T> => ({
  ...column(name, description, cell),
  type: 'boolean',
});

export const NAME_COLUMN: Column<ApiObject> = {
  ...column<ApiObject>('Name', 'What the object is called; unique among its kind in its namespace.', nameOf),
  format: 'name',
};

export const AGE_COLUMN: Column<ApiObject> = column(
  'Age',
  'How long ago the object was created.',
  ({ metadata }, nowMs) => ageOf(metadata.creationTimestamp, nowMs),
);

/** For kinds whose tables tell when they were made, not how long ago. */
export const CREATED_AT_COLUMN: Column<ApiObject> = {
  ...column<ApiObject>(
    'Created At',
    'When the object was created.',
    ({ metadata }) => metadata.creationTimestamp ?? '',
  ),
  type: 'date',
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

function nameOf({ metadata }: ApiObject): string {
  return metadata.name;
}
