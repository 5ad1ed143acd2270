import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, integer, property, uint8Array } from 'fast-check';
import { frame, StreamFrames } from './stream-frames.ts';

test('[DNS8] a stream is cut into its messages wherever its chunks end', () => {
  check(
    property(array(uint8Array({ maxLength: 20 })), integer({ min: 1, max: 7 }), (messages, chunkBytes) => {
      const stream = Buffer.concat(messages.map((message) => frame(Buffer.from(message))));
      const frames = new StreamFrames();
      const taken: Buffer[] = [];
      for (let at = 0; at < stream.length; at += chunkBytes)
        taken.push(...frames.take(stream.subarray(at, at + chunkBytes)));
      assert.deepEqual(
        taken.map((message) => [...message]),
        messages.map((message) => [...message]),
      );
    }),
  );
});
