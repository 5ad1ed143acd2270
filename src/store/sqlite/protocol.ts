/** What the sqlite engine and its worker thread say to each other. */
import type { Batch } from './batch.ts';

export type WorkerOptions = { readonly path: string; readonly retention: Retention };

/** History beyond either bound is compacted; the current state of every object is always kept. */
export type Retention = { readonly maxAgeMs: number; readonly maxRevisions: number };

export type WorkerRequest =
  | { readonly id: number; readonly ask: 'load' }
  | { readonly id: number; readonly ask: 'commit'; readonly batch: Batch }
  | { readonly id: number; readonly ask: 'history'; readonly key: string }
  | { readonly id: number; readonly ask: 'close' };

/** One revision as stored; `value` is JSON. */
export type StoredRevision = {
  readonly revision: number;
  readonly atMs: number;
  readonly type: 'put' | 'delete';
  readonly value: string;
};

/** Objects as JSON, all in one transferable buffer. */
export type LoadedChunk = {
  readonly keys: readonly string[];
  /** Where the value of each key ends; it starts where the one before ended. */
  readonly ends: readonly number[];
  readonly values: Uint8Array<ArrayBuffer>;
};

export type WorkerReply =
  | { readonly id: number; readonly answer: 'opened'; readonly revision: number }
  | { readonly id: number; readonly answer: 'chunk'; readonly chunk: LoadedChunk }
  | { readonly id: number; readonly answer: 'history'; readonly revisions: readonly StoredRevision[] }
  | { readonly id: number; readonly answer: 'done' }
  | { readonly id: number; readonly answer: 'failed'; readonly message: string };
