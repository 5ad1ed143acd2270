/** The process of the watchers: says when each of them has heard of a change. */
import { errorMessage } from '#base/errors';
import type { Failed } from '../child.ts';
import { openWatches } from './watch-connection.ts';
import type { FromWatchers, ToWatchers } from './watchers.ts';

const connections: Disposable[] = [];

function tell(message: FromWatchers | Failed): void {
  process.send?.(message);
}
const fail = (error: unknown): void => tell({ failed: errorMessage(error) });

/** How many watches have heard since they were last asked, and when. */
let heardMs: number[] = [];
let expected = 0;

process.on('disconnect', () => {
  for (const connection of connections) connection[Symbol.dispose]();
});
process.on('message', (message: ToWatchers) => {
  if ('listen' in message) {
    expected = message.listen;
    heardMs = [];
    return tell({ listening: true });
  }
  open(message).catch(fail);
});

async function open({
  open: { connections: count, perConnection, ...to },
}: Extract<ToWatchers, { open: object }>): Promise<void> {
  const all = count * perConnection;
  let opened = 0;
  const onOpen = (): void => {
    if (++opened === all) tell({ opened });
  };
  for (let made = 0; made < count; made++) {
    connections.push(await openWatches({ ...to, watches: perConnection, onOpen, onData: hear, onFailure: fail }));
  }
}

// An event is a line of a few KB: one frame of a watch.
function hear(): void {
  heardMs.push(performance.timeOrigin + performance.now());
  if (heardMs.length === expected) tell({ heardMs });
}
