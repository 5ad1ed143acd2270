/** A response stream over a Node stream, with its back-pressure as a promise. */
import type { Writable } from 'node:stream';
import type { ResponseStream } from './exchange.ts';

export function responseStream(target: Writable, signal: AbortSignal): ResponseStream {
  return {
    async write(bytes) {
      signal.throwIfAborted();
      if (!target.write(bytes)) await drained(target, signal);
    },
    end: () => target.end(),
    // With an error, or HTTP/2 would tell its client that all is well.
    destroy: () => void target.destroy(new Error('the answer broke off')),
  };
}

function drained(target: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      target.off('drain', settle);
      signal.removeEventListener('abort', settle);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    target.once('drain', settle);
    signal.addEventListener('abort', settle, { once: true });
  });
}
