/** Asks each URL over and over, in turn by a kept-alive and by a new connection, until standard input ends; prints what became of it as JSON. */
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export type Requests = { readonly url: string; readonly answered: number; readonly failures: readonly string[] };

const PAUSE_MS = 25;
const TIMEOUT_MS = 5_000;

let stopping = false;
void text(process.stdin).then(() => {
  stopping = true;
});
process.stdout.write(JSON.stringify(await Promise.all(process.argv.slice(2).map(askUntilStopped))));

async function askUntilStopped(url: string): Promise<Requests> {
  using kept = disposable(new Agent({ keepAlive: true, maxSockets: 1 }));
  using fresh = disposable(new Agent({ keepAlive: false }));
  const failures: string[] = [];
  let answered = 0;
  while (!stopping) {
    for (const [kind, agent] of [
      ['a kept-alive', kept.agent],
      ['a new', fresh.agent],
    ] as const) {
      try {
        await ask(url, agent);
        answered++;
      } catch (error) {
        failures.push(`${new Date().toISOString()} by ${kind} connection: ${String(error)}`);
      }
    }
    await sleep(PAUSE_MS);
  }
  return { url, answered, failures };
}

function ask(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: TIMEOUT_MS }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
  });
}

function disposable(agent: Agent): Disposable & { readonly agent: Agent } {
  return { agent, [Symbol.dispose]: () => agent.destroy() };
}
