/** A process beside the benchmark that is asked one thing at a time: what drives a server must not take its time. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Failed = { readonly failed: string };

export interface Child<Question extends object, Answer extends object> extends AsyncDisposable {
  /** Rejects when the child says that it failed, or ends. */
  ask(question: Question): Promise<Answer>;
  /** What the child says next without being asked. */
  next(): Promise<Answer>;
}

export function startChild<Question extends object, Answer extends object>(
  program: URL,
  signal: AbortSignal,
  flags: readonly string[] = [],
): Child<Question, Answer> {
  // Not the flags of this process: a profile of the server shall not be one of its clients.
  const child = fork(fileURLToPath(program), { execArgv: [...flags], signal });
  child.on('error', () => undefined); // ended by the signal: whoever waits for an answer hears of it there
  const next = async (): Promise<Answer> => {
    const ended = new AbortController();
    const exited = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`The process beside the benchmark ended with ${String(code)}`);
    });
    exited.catch(() => undefined);
    try {
      const [answer] = (await Promise.race([once(child, 'message', { signal }), exited])) as [Answer | Failed];
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    } finally {
      ended.abort();
    }
  };
  return {
    next,
    async ask(question) {
      const answer = next();
      child.send(question);
      return await answer;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
