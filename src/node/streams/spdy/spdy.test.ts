/** SPDY against our own other side, against zlib's ordinary compression, and against peers that misbehave. */
import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { constants, createDeflate } from 'node:zlib';
import fc from 'fast-check';
import { SpdyConnection } from './connection.ts';
import { SPDY_DICTIONARY } from './dictionary.ts';
import { FrameReader, encodeFrame } from './frames.ts';
import type { Frame } from './frames.ts';
import { HeaderDecoder, HeaderEncoder } from './header-block.ts';
import type { SpdyStream } from './stream.ts';

test('[STR8] headers written by us are read by us, one block after another', async () => {
  const encoder = new HeaderEncoder();
  using decoder = new HeaderDecoder();
  const lowerCase = fc.string().map((name) => name.toLowerCase());
  const blocks = fc.array(fc.dictionary(lowerCase, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(blocks, async (sent) => {
      for (const headers of sent) assert.deepEqual(await decoder.decode(encoder.encode(headers)), headers);
    }),
    { numRuns: 50 },
  );
});

test('[STR8] headers compressed the usual way, with what came before as context, are read', async () => {
  using decoder = new HeaderDecoder();
  const compress = usualCompression();
  for (const streamtype of ['error', 'stdin', 'stdout', 'error']) {
    assert.deepEqual(await decoder.decode(await compress(plainBlock({ streamtype }))), { streamtype });
  }
});

test('[STR9] headers that are cut short, too many or too large are refused', async () => {
  for (const plain of [
    Buffer.from([0, 0]),
    Buffer.from([0, 0, 0, 9]),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.alloc(200_000),
  ]) {
    using decoder = new HeaderDecoder();
    await assert.rejects(decoder.decode(await usualCompression()(plain)), RangeError);
  }
  using decoder = new HeaderDecoder();
  await assert.rejects(decoder.decode(Buffer.from('no compression at all')));
});

test('[STR8] frames are read as they were written, whatever pieces they come in', () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame(), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (frames, sizes) => {
        const bytes = Buffer.concat(frames.map(encodeFrame));
        const reader = new FrameReader();
        const read: Frame[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          read.push(...reader.read(bytes.subarray(at, at + size)));
          at += size;
        }
        assert.deepEqual(read, frames);
      },
    ),
  );
});

test('[STR9] frames of another version, too long or too short are refused', () => {
  const frames = ['8002000100000000', '0000000100ffffff', '8003000100000002abcd', '8003000300000004abcdabcd'];
  for (const hex of frames)
    assert.throws(() => new FrameReader().read(Buffer.from(hex, 'hex')), { name: 'SpdyFormatError' });
});

test('[STR8] streams carry bytes both ways, each its own end', async () => {
  const { client, server } = connected();
  const request = client.openStream({ streamtype: 'stdin' });
  const accepted = await nextStream(server);
  assert.deepEqual(accepted.headers, { streamtype: 'stdin' });
  request.end(Buffer.alloc(300_000, 'a'));
  assert.equal((await bytesOf(accepted)).length, 300_000);
  accepted.end('answer');
  assert.equal(String(await bytesOf(request)), 'answer');
  client.close();
  await Promise.all([client.closed, server.closed]);
});

test('[STR12] a stream nobody reads slows its writer, and loses nothing', async () => {
  const { client, server } = connected();
  const writer = client.openStream({});
  const reader = await nextStream(server);
  const total = 4_000_000;
  let accepted = 0;
  const writing = (async () => {
    for (; accepted < total; accepted += 100_000) {
      await new Promise<void>((resolve, reject) => {
        writer.write(Buffer.alloc(100_000, accepted % 251), (error) => (error ? reject(error) : resolve()));
      });
    }
    writer.end();
  })();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  assert.ok(accepted < total / 2, `${accepted} bytes went out although nobody read`);
  const bytes = await bytesOf(reader);
  await writing;
  assert.equal(bytes.length, total);
  for (let at = 0; at < total; at += 100_000) assert.equal(bytes[at], at % 251);
  client.destroy();
});

test('[STR13] a client says nothing behind what it is told, a server grants room again', async () => {
  for (const role of ['client', 'server'] as const) {
    const [ownSide, otherSide] = duplexPair();
    const told: Frame['type'][] = [];
    const reader = new FrameReader();
    otherSide.on('data', (chunk: Buffer) => told.push(...[...reader.read(chunk)].map(({ type }) => type)));
    const connection = new SpdyConnection(ownSide, role);
    const streamId = 1;
    if (role === 'server') {
      otherSide.write(encodeFrame({ type: 'synStream', streamId, fin: false, block: new HeaderEncoder().encode({}) }));
    }
    const stream = role === 'client' ? connection.openStream({}) : await nextStream(connection);
    otherSide.write(encodeFrame({ type: 'data', streamId, fin: true, data: Buffer.from('the last words') }));
    assert.equal(String(await bytesOf(stream)), 'the last words');
    assert.deepEqual(told.includes('windowUpdate'), role === 'server');
    connection.destroy();
    await connection.closed;
  }
});

test('[STR8] a reset ends one stream and leaves the others', async () => {
  const { client, server } = connected();
  const [one, two] = [client.openStream({ n: '1' }), client.openStream({ n: '2' })];
  const [first, second] = [await nextStream(server), await nextStream(server)];
  one.destroy();
  await closeOf(first);
  two.end('still here');
  assert.equal(String(await bytesOf(second)), 'still here');
  client.destroy();
  await server.closed;
});

test('[STR9] nonsense, wrong stream numbers and lost connections end what they must, and nothing else', async () => {
  const garbage = connected();
  const orphan = garbage.client.openStream({});
  garbage.clientSide.write(Buffer.alloc(100, 0xff));
  await garbage.server.closed;
  await closeOf(orphan);

  const { server, clientSide } = connected();
  const block = new HeaderEncoder().encode({});
  clientSide.write(encodeFrame({ type: 'synStream', streamId: 2, fin: false, block })); // even: a server's
  clientSide.write(encodeFrame({ type: 'data', streamId: 77, fin: false, data: Buffer.from('to nobody') }));
  clientSide.write(encodeFrame({ type: 'synStream', streamId: 5, fin: true, block: new HeaderEncoder().encode({}) }));
  clientSide.destroy();
  await server.closed;
});

test('[STR8] a ping is answered, and a goodbye ends the streams to come', async () => {
  const { server, clientSide } = connected({ readByHand: true });
  clientSide.write(encodeFrame({ type: 'ping', id: 1 }));
  const [answer] = (await clientSide[Symbol.asyncIterator]().next()).value as [Buffer];
  assert.ok(answer !== undefined);
  clientSide.write(encodeFrame({ type: 'goAway', lastStreamId: 0, status: 0 }));
  assert.equal((await server.incoming.next()).done, true);
  clientSide.destroy();
});

function anyFrame(): fc.Arbitrary<Exclude<Frame, { type: 'settings' }>> {
  const noNullPrototype = { noNullPrototype: true };
  const streamId = fc.integer({ min: 1, max: 0x7fffffff });
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
  const status = fc.integer({ min: 0, max: 11 });
  return fc.oneof(
    fc.record({ type: fc.constant('data' as const), streamId, fin: fc.boolean(), data: bytes }, noNullPrototype),
    fc.record(
      {
        type: fc.constantFrom('synStream' as const, 'synReply' as const, 'headers' as const),
        streamId,
        fin: fc.boolean(),
        block: bytes,
      },
      noNullPrototype,
    ),
    fc.record({ type: fc.constant('rstStream' as const), streamId, status }, noNullPrototype),
    fc.record({ type: fc.constant('ping' as const), id: streamId }, noNullPrototype),
    fc.record({ type: fc.constant('goAway' as const), lastStreamId: streamId, status }, noNullPrototype),
    fc.record({ type: fc.constant('windowUpdate' as const), streamId, delta: streamId }, noNullPrototype),
  );
}

function plainBlock(headers: Readonly<Record<string, string>>): Buffer {
  const number = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 0xff]);
  const texts = Object.entries(headers)
    .flat()
    .flatMap((text) => [number(text.length), Buffer.from(text)]);
  return Buffer.concat([number(Object.keys(headers).length), ...texts]);
}

function usualCompression(): (plain: Buffer) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY });
  return async (plain) => {
    const pieces: Buffer[] = [];
    const keep = (piece: Buffer): void => {
      pieces.push(piece);
    };
    deflate.on('data', keep);
    deflate.write(plain);
    await new Promise<void>((resolve) => {
      deflate.flush(constants.Z_SYNC_FLUSH, resolve);
    });
    deflate.off('data', keep);
    return Buffer.concat(pieces);
  };
}

type Pair = { readonly client: SpdyConnection; readonly server: SpdyConnection; readonly clientSide: Duplex };

function connected({ readByHand = false } = {}): Pair {
  const [clientSide, serverSide] = duplexPair();
  const server = new SpdyConnection(serverSide, 'server');
  const client = readByHand ? server : new SpdyConnection(clientSide, 'client');
  return { client, server, clientSide };
}

async function nextStream(connection: SpdyConnection): Promise<SpdyStream> {
  const next = await connection.incoming.next();
  assert.ok(next.done !== true);
  return next.value;
}

/** By hand, for `for await` would end the stream's other direction as well. */
function bytesOf(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('close', () => reject(new Error('closed before its end')));
  });
}

function closeOf(stream: Duplex): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
  });
}
