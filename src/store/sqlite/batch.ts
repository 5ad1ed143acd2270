/** Rows packed for the trip to the worker thread: small facts as an array, all values as one transferable buffer. */
import { jsonBytes } from '#api/meta/json-bytes';
import type { Row } from '../engine.ts';

export type PackedRow = {
  readonly revision: number;
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly atMs: number;
  /** The value ends here in the buffer; it starts where the one before ended. */
  readonly end: number;
};

export type Batch = { readonly rows: readonly PackedRow[]; readonly values: Uint8Array<ArrayBuffer> };

export function packBatch(rows: readonly Row[]): Batch {
  const bytes = rows.map(({ object }) => jsonBytes(object));
  const values = new Uint8Array(bytes.reduce((sum, each) => sum + each.length, 0));
  let end = 0;
  const packed = rows.map(({ revision, type, key, atMs }, index) => {
    const value = bytes[index] ?? Buffer.alloc(0);
    values.set(value, end);
    end += value.length;
    return { revision, type, key, atMs, end };
  });
  return { rows: packed, values };
}
