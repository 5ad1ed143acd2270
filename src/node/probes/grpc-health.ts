/** Asks a container by the gRPC health protocol, version 1. */
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { GRPCAction } from '#api/types/core-v1';
import { hostPort, type Answer } from './probe-target.ts';

export type GrpcTarget = {
  readonly action: GRPCAction;
  readonly podIp: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

const METHOD = '/grpc.health.v1.Health/Check';
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const SERVING = 1;

export async function grpcHealth({ action, podIp, timeoutMs, signal }: GrpcTarget): Promise<Answer> {
  const { port, service = '' } = action;
  const address = hostPort(podIp, port);
  const client = new Client(address, credentials.createInsecure());
  try {
    const status = await check(client, service, signal);
    if (status === SERVING) return { result: 'Success', output: 'service healthy' };
    const output = `service unhealthy (responded with ${JSON.stringify(STATUSES[status] ?? String(status))})`;
    return { result: 'Failure', output };
  } catch (error) {
    const within = `${timeoutMs / 1000}s`;
    const { details } = error as { readonly details?: string };
    const output = signal.aborted
      ? `timeout: failed to connect service ${JSON.stringify(address)} within ${within}: context deadline exceeded`
      : `error: health rpc failed: ${withoutTime(details ?? String(error))}`;
    return { result: 'Failure', output };
  } finally {
    client.close();
  }
}

/** The client's words end in the time of the failure, which would make each event about it another one. */
function withoutTime(text: string): string {
  return text.replace(/ \(\d{4}-[^)]*Z\)/, '').replace(/\. Resolution note:\s*$/, '');
}

function check(client: Client, service: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      METHOD,
      encodeRequest,
      decodeStatus,
      service,
      new Metadata(),
      (error, status) => (error === null ? resolve(status ?? 0) : reject(error)),
    );
    signal.addEventListener('abort', () => call.cancel(), { once: true });
  });
}

/** A message with one string in its first field. */
function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service);
  if (text.length === 0) return text;
  const length: number[] = [];
  for (let left = text.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), text]);
}

/** A message with one number in its first field, which is absent when it is zero. */
function decodeStatus(message: Buffer): number {
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}
