/** Clients in a process of their own: started once, then told what to send. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
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

export type Creates = Load & {
  readonly path: string;
  /** JSON in which the object's name stands as a placeholder. */
  readonly body: string;
  readonly prefix: string;
  /** The status of every answer; any other fails the round. */
  readonly expect: number;
};

export type ToClients = { readonly open: ClientOptions } | { readonly run: Creates };
export type FromClients = { readonly round: Round } | { readonly opened: number } | { readonly failed: string };

export interface Clients extends AsyncDisposable {
  run(creates: Creates): Promise<Round>;
}

export async function startClients(options: ClientOptions, signal: AbortSignal): Promise<Clients> {
  // Not the flags of this process: a profile of the server shall not be one of the clients.
  const child = fork(fileURLToPath(new URL('./client-process.ts', import.meta.url)), { execArgv: [], signal });
  child.on('error', () => undefined); // ended by the signal: whoever waits for an answer hears of it there
  const ask = async (message: ToClients): Promise<FromClients> => {
    const ended = new AbortController();
    const exited = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`The clients' process ended with ${String(code)}`);
    });
    exited.catch(() => undefined);
    child.send(message);
    try {
      const [answer] = (await Promise.race([once(child, 'message', { signal }), exited])) as [FromClients];
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    } finally {
      ended.abort();
    }
  };
  await ask({ open: options });
  return {
    async run(creates) {
      const answer = await ask({ run: creates });
      if (!('round' in answer)) throw new TypeError('Cannot read the round: the clients answered something else');
      return answer.round;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
