/** Whether a container takes a TCP connection. */
import { connect } from 'node:net';
import type { Container, TCPSocketAction } from '#api/types/core-v1';
import { dialFailure, hostPort, resolvePort, type Answer } from './probe-target.ts';

export type TcpTarget = {
  readonly action: TCPSocketAction;
  readonly container: Container;
  readonly podIp: string;
  readonly signal: AbortSignal;
};

export async function tcpSocket({ action, container, podIp, signal }: TcpTarget): Promise<Answer> {
  const host = action.host || podIp;
  const port = resolvePort(action.port, container);
  const socket = connect({ host, port, signal });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('connect', resolve).on('error', reject);
    });
    return { result: 'Success', output: '' };
  } catch (error) {
    const address = hostPort(host, port);
    const output = signal.aborted ? `dial tcp ${address}: i/o timeout` : dialFailure(address, error);
    return { result: 'Failure', output };
  } finally {
    socket.destroy();
  }
}
