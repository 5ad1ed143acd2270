/** What the store needs from whatever makes its writes durable: load once, then append batches. */
import type { HistoryEntry, Storable } from './store.ts';

/** One change on its way to the engine. */
export type Row = {
  readonly revision: number;
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly atMs: number;
  readonly object: Storable;
};

export type Loaded = {
  /** The newest durable revision. */
  readonly revision: number;
  /** Every current object as UTF-8 JSON. */
  readonly entries: AsyncIterable<readonly (readonly [key: string, json: Buffer])[]>;
};

export interface Engine extends AsyncDisposable {
  load(): Promise<Loaded>;
  /** All of `rows` or none; resolves when they are durable. Calls do not overlap. */
  commit(rows: readonly Row[]): Promise<void>;
  /** Revisions of a key that are still kept, oldest first. */
  history(key: string): Promise<readonly HistoryEntry[]>;
}
