/** Events of watches as lines of JSON; thousands of watchers that hear of one change get the same bytes. */
import type { WatchEventType } from '#api/request';
import { documentBytes } from './json-document.ts';

const eventStart = (type: WatchEventType): Buffer => Buffer.from(`{"type":"${type}","object":`);
const EVENT_START: Readonly<Record<WatchEventType, Buffer>> = {
  ADDED: eventStart('ADDED'),
  MODIFIED: eventStart('MODIFIED'),
  DELETED: eventStart('DELETED'),
  BOOKMARK: eventStart('BOOKMARK'),
  ERROR: eventStart('ERROR'),
};
const EVENT_END = Buffer.from('}\n');

type Line = { readonly type: WatchEventType; readonly bytes: Buffer };

// Watchers hear of a change within moments of each other: there is no need to keep lines for as long as their objects live.
const KEPT = 256;
const lines = new Map<object, Line>();

export function eventLine(type: WatchEventType, object: object): Buffer {
  const known = lines.get(object);
  if (known?.type === type) return known.bytes;
  const bytes = joinLine(type, [documentBytes(object)]);
  if (Object.isFrozen(object)) keep(object, { type, bytes });
  return bytes;
}

function keep(object: object, line: Line): void {
  lines.set(object, line);
  if (lines.size <= KEPT) return;
  const [oldest] = lines.keys();
  if (oldest !== undefined) lines.delete(oldest);
}

export function joinLine(type: WatchEventType, document: readonly Buffer[]): Buffer {
  return Buffer.concat([EVENT_START[type], ...document, EVENT_END]);
}
