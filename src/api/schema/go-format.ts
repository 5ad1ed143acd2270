/** Values as Go's `%v` prints them: upstream's patch errors show maps this way. */
import { isJsonObject } from '../meta/json-value.ts';

export function formatGo(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(formatGo).join(' ')}]`;
  if (!isJsonObject(value)) return String(value as string | number | boolean);
  const entries = Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${formatGo(value[key])}`);
  return `map[${entries.join(' ')}]`;
}
