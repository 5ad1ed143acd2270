/** Names what differs between two objects, so that the user need not compare them by eye. */
import { semanticEqual } from './semantic-equal.ts';

/** One line for each side of each field that differs. */
export function describeChanges(type: string, next: object, stored: object): string {
  const [after, before] = [new Map(Object.entries(next)), new Map(Object.entries(stored))];
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const changed = keys.filter((key) => !semanticEqual({ [key]: after.get(key) }, { [key]: before.get(key) }));
  const text = (value: unknown): string => JSON.stringify(value) ?? 'nil';
  const lines = changed.flatMap((key) => [
    `-   ${key}: ${text(before.get(key))}`,
    `+   ${key}: ${text(after.get(key))}`,
  ]);
  return [`  ${type}{`, ...lines, '  }'].join('\n');
}
