/** Requests from 20 kept-alive connections until standard input ends, and at least as many as it says; prints what became of them as JSON. */
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';

const agent = new Agent({ keepAlive: true, maxSockets: 20 });
const result = { answered: 0, askedToLeave: 0, failures: [] as string[] };
const { hostname, port } = new URL(process.argv[2] ?? 'http://127.0.0.1/');
let atLeast = Number.POSITIVE_INFINITY;
void text(process.stdin).then((said) => {
  atLeast = Number(said);
});

await Promise.all(Array.from({ length: 20 }, requestUntilStopped));
agent.destroy();
process.stdout.write(JSON.stringify(result));

async function requestUntilStopped(): Promise<void> {
  while (result.answered < atLeast) await request();
}

function request(): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = get({ host: hostname, port: port === '' ? 80 : Number(port), path: '/', agent }, (incoming) => {
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
