/** The directives of strategic merge patches, as far as values need to be rid of them. */
import { isJsonObject } from '../meta/json-value.ts';

export const DIRECTIVE = '$patch';

/** What becomes of a patch's value where there is nothing to merge it with; undefined when a directive takes it away. */
export function stripDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const entries = Object.entries(value)
    .filter(([key, part]) => part !== null && !isDirective(key))
    .map(([key, part]) => [key, stripDirectives(part)] as const);
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
}

function isDirective(key: string): boolean {
  return key === '$retainKeys' || key.startsWith('$setElementOrder/') || key.startsWith('$deleteFromPrimitiveList/');
}
