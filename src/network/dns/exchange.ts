/** Asks one name server one question, over datagrams or a stream. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { deadlineScope, onAbort } from '#base/abort';
import type { Clock } from '#base/world';
import { HEADER_BYTES, messageLayout } from './plan/message-layout.ts';
import { StreamFrames, frame } from './stream-frames.ts';

export type Transport = 'udp' | 'tcp';
export type ServerAddress = { readonly address: string; readonly port: number };
export type ExchangeOptions = { readonly clock: Clock; readonly signal: AbortSignal; readonly timeoutMs: number };

type Settle = { readonly resolve: (answer: Buffer) => void; readonly reject: (error: unknown) => void };

/** Asks once; rejects when no answer came in time. */
export type Exchange = (query: Buffer, way: Way, options: ExchangeOptions) => Promise<Buffer>;
export type Way = { readonly server: ServerAddress; readonly transport: Transport };

/** Over the real network. */
export async function exchange(
  query: Buffer,
  { server, transport }: Way,
  { clock, signal, timeoutMs }: ExchangeOptions,
): Promise<Buffer> {
  using scope = deadlineScope(timeoutMs, clock, signal);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const start = transport === 'udp' ? askByDatagram : askByStream;
  using _asking = start(query, server, { resolve, reject });
  using _late = onAbort(scope.signal, () => reject(scope.signal.reason));
  return await promise;
}

// A socket, and so a source port, for each question: together with the id it is what a forger would have to guess.
function askByDatagram(query: Buffer, { address, port }: ServerAddress, { resolve, reject }: Settle): Disposable {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('error', reject);
  socket.on('message', (answer) => {
    if (answersQuery(answer, query)) resolve(answer);
  });
  // Not by connect's own callback, which is called when there is no way to the server, too.
  socket.once('connect', () => socket.send(query));
  socket.connect(port, address);
  return { [Symbol.dispose]: () => socket.close() };
}

function askByStream(query: Buffer, { address, port }: ServerAddress, { resolve, reject }: Settle): Disposable {
  const socket = connect({ host: address, port });
  const frames = new StreamFrames();
  socket.on('error', reject);
  socket.on('close', () => reject(new Error(`Cannot ask ${address}: it ended the connection`)));
  socket.on('data', (chunk: Buffer) => {
    for (const answer of frames.take(chunk)) if (answersQuery(answer, query)) resolve(answer);
  });
  socket.write(frame(query));
  return { [Symbol.dispose]: () => socket.destroy() };
}

function answersQuery(answer: Buffer, query: Buffer): boolean {
  if (answer.length < HEADER_BYTES || answer.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  try {
    const { questionEnd } = messageLayout(answer);
    const asked = query.toString('latin1', HEADER_BYTES, questionEnd).toLowerCase();
    return answer.toString('latin1', HEADER_BYTES, questionEnd).toLowerCase() === asked;
  } catch (error) {
    if (error instanceof RangeError) return false; // cut off or forged: the true answer may still come
    throw error;
  }
}
