/** Sends a body that is there in many parts, in pieces worth a write each, at the pace of the client. */
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Bytes in order, in one part or many. */
export type Body = Buffer | readonly Buffer[];

// Large enough that writes cost little, small enough that the memory of one piece serves for the next.
const PIECE_BYTES = 256 * 1024;

export function partsOf(body: Body): readonly Buffer[] {
  return Buffer.isBuffer(body) ? [body] : body;
}

export function lengthOf(body: Body): number {
  return partsOf(body).reduce((sum, { length }) => sum + length, 0);
}

export function sendBody(target: Writable, body: Body): void {
  const parts = partsOf(body);
  const [only] = parts;
  if (parts.length <= 1) target.end(only);
  // A failure is the client's leaving: it destroys the target, whose own listeners hear of it.
  else pipeline(Readable.from(piecesOf(parts)), target).catch(() => undefined);
}

function* piecesOf(parts: readonly Buffer[]): Generator<Buffer, void> {
  let open: Buffer[] = [];
  let bytes = 0;
  for (const part of parts) {
    open.push(part);
    bytes += part.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(open, bytes);
    open = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(open, bytes);
}
