/** containerd's event envelopes in our words. Pure. */
import { fromBinary } from '@bufbuild/protobuf';
import {
  ContainerCreateSchema,
  ContainerDeleteSchema,
  TaskExitSchema,
  TaskOOMSchema,
  TaskStartSchema,
} from './generated/event-payloads_pb.ts';
import type { Envelope } from './generated/events_pb.ts';
import { timestampMillis } from './numbers.ts';

/** `id` names a container or a sandbox: to containerd both are containers. */
export type Notice =
  | { readonly type: 'Created'; readonly id: string; readonly atMs: number }
  | { readonly type: 'Started'; readonly id: string; readonly atMs: number }
  | { readonly type: 'Exited'; readonly id: string; readonly atMs: number; readonly exitCode: number }
  | { readonly type: 'OutOfMemory'; readonly id: string; readonly atMs: number }
  | { readonly type: 'Deleted'; readonly id: string; readonly atMs: number };

/** Undefined for what the port has no word for, such as the exit of an exec'd process. */
export function decodeNotice(envelope: Envelope): Notice | undefined {
  const bytes = envelope.event?.value ?? new Uint8Array();
  const atMs = timestampMillis(envelope.timestamp);
  switch (envelope.topic) {
    case '/containers/create':
      return { type: 'Created', id: fromBinary(ContainerCreateSchema, bytes).id, atMs };
    case '/containers/delete':
      return { type: 'Deleted', id: fromBinary(ContainerDeleteSchema, bytes).id, atMs };
    case '/tasks/start':
      return { type: 'Started', id: fromBinary(TaskStartSchema, bytes).containerId, atMs };
    case '/tasks/oom':
      return { type: 'OutOfMemory', id: fromBinary(TaskOOMSchema, bytes).containerId, atMs };
    case '/tasks/exit':
      return decodeExit(bytes);
    default:
      return undefined;
  }
}

function decodeExit(bytes: Uint8Array): Notice | undefined {
  const exit = fromBinary(TaskExitSchema, bytes);
  if (exit.id !== exit.containerId) return undefined;
  return { type: 'Exited', id: exit.containerId, atMs: timestampMillis(exit.exitedAt), exitCode: exit.exitStatus };
}
