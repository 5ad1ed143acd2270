/** The columns of a custom kind's Tables, read by path. */
import { type ExactInteger, isExactInteger, isNumber } from '../meta/exact-integer.ts';
import { NAME_COLUMN } from '../meta/columns.ts';
import { ageOf } from '../meta/human-duration.ts';
import type { ApiObject } from '../object.ts';
import type { Column } from '../resource.ts';
import type { CustomResourceColumnDefinition } from '../types/apiextensions-v1.ts';
import { compileJsonPath, type JsonPath, JsonPathError } from './json-path.ts';

type Cell = string | number | boolean | ExactInteger | null;

const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How long ago the object was created.',
};

/** The name, and what the definition asks for; the age when it asks for nothing. */
export function printerColumns(given: readonly CustomResourceColumnDefinition[] = []): readonly Column<ApiObject>[] {
  return [NAME_COLUMN, ...(given.length === 0 ? [AGE] : given).map(printerColumn)];
}

function printerColumn(column: CustomResourceColumnDefinition): Column<ApiObject> {
  const { name, type, format, priority = 0, jsonPath, description } = column;
  const find = finder(jsonPath);
  return {
    name,
    type: type as Column<ApiObject>['type'],
    ...(format === undefined ? {} : { format }),
    priority: priority > 0 ? 1 : 0,
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    cell: (object, nowMs) => cellOf(type, find(object)[0], nowMs),
  };
}

/** A path that cannot be read leaves the column empty. */
function finder(path: string): JsonPath {
  try {
    return compileJsonPath(path);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    return () => [];
  }
}

function cellOf(type: string, value: unknown, nowMs: number): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
    case 'integer':
      return isExactInteger(value) ? value : typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return isNumber(value) ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    default:
      return typeof value === 'string' ? dateCell(value, nowMs) : null;
  }
}

function dateCell(text: string, nowMs: number): string {
  return Number.isNaN(Date.parse(text)) ? '<invalid>' : ageOf(text, nowMs);
}
