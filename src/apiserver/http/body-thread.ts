/** The thread that reads large bodies. What it has read, it answers as JSON, which costs those who wait for it the least. */
import { parentPort } from 'node:worker_threads';
import { isApiError, type StatusReason } from '#api/errors';
import { type Body, READINGS, type Readings } from './decode-body.ts';

export type BodyTask = { readonly how: keyof Readings; readonly body: Body; readonly wanted: unknown };

export type BodyReply =
  | { readonly text: string; readonly refusal?: undefined }
  | { readonly text?: undefined; readonly refusal: { readonly reason: StatusReason; readonly message: string } };

if (parentPort === null) throw new Error('Cannot read bodies on its own: expected to be started by the server');
const port = parentPort;

port.on('message', ({ how, body, wanted }: BodyTask) => {
  const { buffer, byteOffset, length } = body.bytes;
  const read = READINGS[how] as (body: Body, wanted: unknown) => unknown;
  port.postMessage(replyOf(() => read({ ...body, bytes: Buffer.from(buffer, byteOffset, length) }, wanted)));
});

/** What is no refusal ends the thread, and with that is told to whoever waits. */
function replyOf(read: () => unknown): BodyReply {
  try {
    return { text: JSON.stringify(read()) };
  } catch (error) {
    if (!isApiError(error)) throw error;
    return { refusal: { reason: error.reason, message: error.message } };
  }
}
