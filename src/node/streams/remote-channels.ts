/** The client's side of a remote command, whichever protocol carries it. */
import type { Readable, Writable } from 'node:stream';
import type { StatusForm } from './remote-status.ts';

export type TerminalSize = { readonly columns: number; readonly rows: number };

export type RemoteChannels = {
  /** Present as asked for. Its end is the client's end of file. */
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Ends with the connection. */
  readonly sizes: AsyncIterable<TerminalSize>;
  readonly statusForm: StatusForm;
  /** Resolves when the client has gone. */
  readonly closed: Promise<void>;
  /** Sends the outcome after all output, then says goodbye. */
  finish(status: Buffer): Promise<void>;
  /** Ends the connection without goodbye. */
  destroy(): void;
};

/** Undefined for what is no size. Zero columns or rows mean that the client has no terminal to speak of. */
export function decodeTerminalSize(text: string): TerminalSize | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('Width' in parsed) || !('Height' in parsed)) return undefined;
  const { Width: columns, Height: rows } = parsed;
  return isCount(columns) && isCount(rows) ? { columns, rows } : undefined;
}

const LARGEST_COUNT = 0xffff;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= LARGEST_COUNT;
}
