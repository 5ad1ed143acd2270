/** Reads a request's body: bounded, decompressed, and never more of it in memory than the limit. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ApiError, badRequestError } from '#api/errors';
import { MAX_BODY_BYTES } from '#api/schema/json-text';
import { asError } from '#base/errors';
import type { Exchange } from './exchange.ts';

const unzip = promisify(gunzip);

export async function readBody({ body, headers }: Pick<Exchange, 'body' | 'headers'>): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Not `for await`: leaving that loop destroys the stream, and the refusal could not be sent any more.
  await new Promise<void>((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else reject(tooLarge());
    });
    body.once('end', resolve);
    body.once('error', reject);
    body.once('close', () => {
      if (!body.readableEnded) reject(new DOMException('The client has left', 'AbortError'));
    });
  });
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  return await decompressed(bytes, headers['content-encoding']);
}

async function decompressed(bytes: Buffer, coding: string | undefined): Promise<Buffer> {
  if (coding === undefined || coding === '' || coding === 'identity') return bytes;
  if (coding !== 'gzip') {
    throw new ApiError('UnsupportedMediaType', `unsupported content encoding ${JSON.stringify(coding)}: expected gzip`);
  }
  try {
    return await unzip(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw badRequestError(`cannot decompress the body: ${asError(error).message}`);
  }
}

const tooLarge = (): ApiError =>
  new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`);
