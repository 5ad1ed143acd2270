/** Clients in a process of their own: started once, then told what to send. */
import { startChild } from '../child.ts';
import type { Load, Round } from '../closed-loop.ts';

export type ClientOptions = {
  readonly port: number;
  /** PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** Connections, all opened at the start and kept alive. */
  readonly concurrency: number;
};

export type Requests = Load & {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON in which the object's name stands as a placeholder, or nothing. */
  readonly body: string;
  readonly prefix: string;
  /** The status of every answer; any other fails the round. */
  readonly expect: number;
};

export type ToClients = { readonly open: ClientOptions } | { readonly run: Requests };
export type FromClients = { readonly round: Round } | { readonly opened: number };

export interface Clients extends AsyncDisposable {
  run(requests: Requests): Promise<Round>;
}

export async function startClients(options: ClientOptions, signal: AbortSignal): Promise<Clients> {
  const child = startChild<ToClients, FromClients>(new URL('./client-process.ts', import.meta.url), signal);
  await child.ask({ open: options });
  return {
    async run(requests) {
      const answer = await child.ask({ run: requests });
      if (!('round' in answer)) throw new TypeError('Cannot read the round: the clients answered something else');
      return answer.round;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
