/** Tells cheaply that JSON text has nothing that needs a closer look: no key twice in its object, no escapes by number, not too deep. */

import { isExactInteger } from '../meta/exact-integer.ts';

const [QUOTE, BACKSLASH, COLON] = ['"', 0x5c, 0x3a];
const [SPACE, TAB, NEWLINE, RETURN] = [0x20, 0x09, 0x0a, 0x0d];

/**
 * Whether `value`, read from `text` without an error, has as many keys as the text: then none was there twice.
 * False means only that the text must be looked through.
 */
export function isPlain(text: string, value: unknown, maxDepth: number): boolean {
  return !text.includes(String.raw`\u`) && keysOfValue(value, maxDepth) === keysOfText(text);
}

/** NaN, which equals nothing, when the value is deeper than that. */
function keysOfValue(value: unknown, depthLeft: number): number {
  // Numbers too large for a double are for the scan to refuse.
  if (value === Infinity || value === -Infinity) return Number.NaN;
  if (typeof value !== 'object' || value === null || isExactInteger(value)) return 0;
  if (depthLeft === 0) return Number.NaN;
  const isList = Array.isArray(value);
  const parts: readonly unknown[] = isList ? value : Object.values(value);
  let count = isList ? 0 : parts.length;
  for (const part of parts) count += keysOfValue(part, depthLeft - 1);
  return count;
}

/** In valid JSON, a string with a colon behind it is a key, and every key is that. */
function keysOfText(text: string): number {
  let count = 0;
  for (let start = text.indexOf(QUOTE); start !== -1;) {
    let at = endOfString(text, start) + 1;
    while (isSpace(text.charCodeAt(at))) at += 1;
    if (text.charCodeAt(at) === COLON) count += 1;
    start = text.indexOf(QUOTE, at);
  }
  return count;
}

/** Where the string's closing quote is. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf(QUOTE, start + 1);
  while (isEscaped(text, end)) end = text.indexOf(QUOTE, end + 1);
  return end;
}

/** A character is escaped by an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

const isSpace = (code: number): boolean => code === SPACE || code === NEWLINE || code === RETURN || code === TAB;
