/** The process of the clients: keep-alive connections, each with one request under way, written so that little time is theirs. */
import type { Failed } from '../child.ts';
import { runLoad } from '../closed-loop.ts';
import { errorMessage } from '#base/errors';
import type { FromClients, ToClients } from './clients.ts';
import { NAME_PLACE } from './name-place.ts';
import { openConnection, type Connection } from './keep-alive-connection.ts';

const connections: Connection[] = [];
const idle: Connection[] = [];

process.on('message', (message: ToClients) => {
  answer(message).then(tell, (error: unknown) => tell({ failed: errorMessage(error) }));
});
process.on('disconnect', () => {
  for (const connection of connections) connection[Symbol.dispose]();
});

function tell(message: FromClients | Failed): void {
  process.send?.(message);
}

async function answer(message: ToClients): Promise<FromClients> {
  if ('open' in message) {
    const opening = Array.from({ length: message.open.concurrency }, () => openConnection(message.open));
    connections.push(...(await Promise.all(opening)));
    idle.push(...connections);
    return { opened: connections.length };
  }
  const { method, path, prefix, expect, ...requests } = message.run;
  const [before = '', after] = requests.body.split(NAME_PLACE);
  const bodyOf = (index: number): string => (after === undefined ? before : `${before}${prefix}-${index}${after}`);
  const round = await runLoad(requests, async (index) => {
    const connection = idle.pop();
    if (connection === undefined) throw new Error('Cannot send: more clients than connections');
    const { status, text } = await connection.send(method, path, bodyOf(index));
    idle.push(connection);
    if (status !== expect) throw new Error(`Expected status ${expect}, the server answered ${status}: ${text()}`);
  });
  return { round };
}
