/** The streaming half of the port. */
import type { Runtime } from '../runtime.ts';
import { openAttachSession } from './attach-session.ts';
import type { CriContext } from './cri-context.ts';
import { openExecSession } from './exec-session.ts';
import { openPodPort } from './pod-port.ts';

export type StreamCalls = Pick<Runtime, 'openExec' | 'openAttach' | 'openPort'>;

export function streamCalls(context: CriContext): StreamCalls {
  return {
    openExec: (id, request, signal) => openExecSession(context, id, { ...request, signal }),
    openAttach: (id, request, signal) => openAttachSession(context, id, { ...request, signal }),
    openPort: (sandboxId, port, signal) => openPodPort(context, { sandboxId, port, signal }),
  };
}
