/** Looks at the size a client's terminal has to begin with, without taking it away from those who follow the sizes. */
import type { Clock } from '#base/world';
import type { TerminalSize } from './remote-channels.ts';

// Clients send it right behind their greeting. Those that send none have to wait this long for their process.
const PATIENCE_MS = 1000;

export type Sizes = {
  readonly first: TerminalSize | undefined;
  /** All of them, the first again. */
  readonly all: AsyncIterable<TerminalSize>;
};

export async function peekSize(sizes: AsyncIterable<TerminalSize>, clock: Clock): Promise<Sizes> {
  const iterator = sizes[Symbol.asyncIterator]();
  const next = iterator.next();
  const { promise: enough, resolve } = Promise.withResolvers<undefined>();
  using _timer = clock.setTimer(PATIENCE_MS, () => resolve(undefined));
  const result = await Promise.race([next, enough]);
  return { first: result?.done === true ? undefined : result?.value, all: from(next, iterator) };
}

async function* from(
  next: Promise<IteratorResult<TerminalSize>>,
  iterator: AsyncIterator<TerminalSize>,
): AsyncGenerator<TerminalSize, void> {
  for (let result = await next; result.done !== true; result = await iterator.next()) yield result.value;
}
