/** Calls over one Unix socket: protobuf messages in and out, abort signals and deadlines honoured, errors in our words. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import { Client, Metadata, credentials, status } from '@grpc/grpc-js';
import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { onAbort } from '#base/abort';
import type { Clock } from '#base/world';
import { RuntimeError } from '../runtime-error.ts';
import type { RuntimeErrorReason } from '../runtime-error.ts';

/** Where the CRI plug-in keeps what it makes; containerd's own services need to be told. */
export const CRI_NAMESPACE = 'k8s.io';

// Lists of a full node and outputs of probes go past gRPC's usual 4 MiB.
const LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024;
const FIRST_RECONNECT_MS = 50;
const LONGEST_RECONNECT_MS = 500;

export type CallOptions = {
  readonly signal?: AbortSignal | undefined;
  /** The call fails with `Timeout` after this; absent means it may take as long as it takes. */
  readonly timeoutMs?: number;
};

export type GrpcChannel = {
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options?: CallOptions,
  ): Promise<MessageShape<O>>;
  /** Ends when the server ends it; throws a `RuntimeError` when it breaks, the signal's reason when aborted. */
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    signal: AbortSignal,
  ): AsyncIterable<MessageShape<O>>;
  close(): void;
};

export function openGrpcChannel(socketPath: string, clock: Clock): GrpcChannel {
  const client = new Client(`unix://${socketPath}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': FIRST_RECONNECT_MS,
    'grpc.min_reconnect_backoff_ms': FIRST_RECONNECT_MS,
    'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_MS,
    'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
    'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
    'grpc.default_authority': 'localhost',
  });
  const metadata = new Metadata();
  metadata.set('containerd-namespace', CRI_NAMESPACE);
  return {
    call: (method, request, options = {}) => unary({ client, metadata, method, clock }, request, options),
    stream: (method, request, signal) => serverStream({ client, metadata, method, clock }, request, signal),
    close: () => client.close(),
  };
}

type Target<M> = { readonly client: Client; readonly metadata: Metadata; readonly method: M; readonly clock: Clock };

function unary<I extends DescMessage, O extends DescMessage>(
  { client, metadata, method, clock }: Target<DescMethodUnary<I, O>>,
  request: MessageInitShape<I>,
  { signal, timeoutMs }: CallOptions,
): Promise<MessageShape<O>> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<MessageShape<O>>();
  const call = client.makeUnaryRequest(
    pathOf(method),
    (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
    (bytes: Buffer) => fromBinary(method.output, bytes),
    create(method.input, request),
    metadata,
    timeoutMs === undefined ? {} : { deadline: clock.now() + timeoutMs },
    (error, reply) => {
      if (error !== null) reject(signal?.aborted === true ? signal.reason : runtimeErrorFrom(error, method.name));
      else if (reply === undefined)
        reject(new RuntimeError('Failed', `Cannot read ${method.name}'s reply: it is empty`));
      else resolve(reply);
    },
  );
  if (signal === undefined) return promise;
  const listening = onAbort(signal, () => call.cancel());
  return promise.finally(() => listening[Symbol.dispose]());
}

async function* serverStream<I extends DescMessage, O extends DescMessage>(
  { client, metadata, method }: Target<DescMethodServerStreaming<I, O>>,
  request: MessageInitShape<I>,
  signal: AbortSignal,
): AsyncGenerator<MessageShape<O>> {
  signal.throwIfAborted();
  const stream: ClientReadableStream<MessageShape<O>> = client.makeServerStreamRequest(
    pathOf(method),
    (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
    (bytes: Buffer) => fromBinary(method.output, bytes),
    create(method.input, request),
    metadata,
  );
  using _listening = onAbort(signal, () => stream.cancel());
  try {
    for await (const message of stream) yield message as MessageShape<O>;
  } catch (error) {
    signal.throwIfAborted();
    throw isServiceError(error) ? runtimeErrorFrom(error, method.name) : error;
  } finally {
    stream.cancel();
  }
}

function pathOf(method: { readonly name: string; readonly parent: { readonly typeName: string } }): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

const REASONS: Readonly<Partial<Record<status, RuntimeErrorReason>>> = {
  [status.NOT_FOUND]: 'NotFound',
  [status.ALREADY_EXISTS]: 'AlreadyExists',
  [status.UNAVAILABLE]: 'Unavailable',
  [status.DEADLINE_EXCEEDED]: 'Timeout',
};

/** The server's own words are the message: users read them in events. */
function runtimeErrorFrom(error: ServiceError, call: string): RuntimeError {
  const reason = REASONS[error.code] ?? reasonFromText(error.details);
  return new RuntimeError(reason, error.details === '' ? `${call} failed` : error.details, { cause: error });
}

// Most failures come with the code "unknown", so the text has to tell.
function reasonFromText(details: string): RuntimeErrorReason {
  if (details === 'server is not initialized yet') return 'Unavailable';
  if (details.startsWith('failed to reserve ')) return 'AlreadyExists';
  if (/\bnot found$/.test(details)) return 'NotFound';
  return 'Failed';
}
