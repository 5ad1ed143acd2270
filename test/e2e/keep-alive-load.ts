/** Requests from 20 kept-alive connections until standard input ends; prints what became of them as JSON. */
import { Agent, get } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 20 });
const result = { answered: 0, askedToLeave: 0, failures: [] as string[] };
let stopping = false;
process.stdin.on('end', () => (stopping = true)).resume();

await Promise.all(Array.from({ length: 20 }, requestUntilStopped));
agent.destroy();
process.stdout.write(JSON.stringify(result));

async function requestUntilStopped(): Promise<void> {
  while (!stopping) await request();
}

function request(): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = get({ host: '127.0.0.1', port: 80, path: '/', agent }, (incoming) => {
      if (incoming.headers.connection === 'close') result.askedToLeave++;
      incoming.resume().on('end', () => {
        result.answered++;
        resolve();
      });
    });
    outgoing.on('error', (error) => {
      result.failures.push(error.message);
      resolve();
    });
  });
}
