/** HTTPS requests to the agents of nodes, with the certificate that tells them it is the API server who asks. */
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { ApiError } from '#api/errors';
import { errorMessage } from '#base/errors';
import type { KeyPair } from '../pki/certificate.ts';
import type { AgentAddress } from './agent-address.ts';

/** How to recognise an agent, and what to show it. */
export type AgentTls = { readonly authority: string; readonly client: KeyPair };

export type AgentRequest = {
  readonly address: AgentAddress;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** Opens requests over connections that it keeps for the next ones; dispose it to close them. */
export interface AgentClient extends Disposable {
  /** Resolves when the answer's headers are there; throws `ApiError` when the agent cannot be reached. */
  send(request: AgentRequest): Promise<IncomingMessage>;
}

export function agentClient(tls: () => AgentTls): AgentClient {
  const connections = new Agent({ keepAlive: true });
  return {
    async send({ address, method, target, headers = {}, signal }) {
      const { authority, client } = tls();
      const outgoing = request({
        agent: connections,
        ...address,
        method,
        path: target,
        headers,
        ca: authority,
        cert: client.certificate,
        key: client.key,
        signal,
      });
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
      outgoing.end();
      try {
        return await promise;
      } catch (error) {
        signal.throwIfAborted();
        throw dialError(error);
      }
    },
    [Symbol.dispose]: () => connections.destroy(),
  };
}

export function dialError(error: unknown): ApiError {
  return new ApiError('InternalError', `error dialing backend: ${errorMessage(error)}`, { cause: error });
}
