/** The JSON merge patch (RFC 7386) that makes one value of another. */
import { isJsonObject } from './json-value.ts';

/** Empty when there is nothing to change. Lists that differ anywhere are replaced as a whole. */
export function mergePatchBetween(before: unknown, after: unknown): Readonly<Record<string, unknown>> {
  const old = isJsonObject(before) ? before : {};
  const wanted = isJsonObject(after) ? after : {};
  const gone = Object.keys(old).filter((key) => old[key] !== undefined && wanted[key] === undefined);
  const kept = Object.keys(wanted).filter((key) => wanted[key] !== undefined && !isSame(old[key], wanted[key]));
  return Object.fromEntries([
    ...gone.map((key) => [key, null] as const),
    ...kept.map((key) => [key, valueOf(old[key], wanted[key])] as const),
  ]);
}

const isSame = (left: unknown, right: unknown): boolean =>
  isJsonObject(left) && isJsonObject(right)
    ? Object.keys(mergePatchBetween(left, right)).length === 0
    : JSON.stringify(left) === JSON.stringify(right);

const valueOf = (before: unknown, after: unknown): unknown =>
  isJsonObject(before) && isJsonObject(after) ? mergePatchBetween(before, after) : after;
