/** Requests from 10 clients that open a new connection for each, until standard input ends; prints what became of them as JSON. */
import { get } from 'node:http';
import { text } from 'node:stream/consumers';

export type LoadResult = { readonly answered: number; readonly failures: readonly string[] };

const CLIENTS = 10;
const TIMEOUT_MS = 10_000;

const result = { answered: 0, failures: [] as string[] };
const url = process.argv[2] ?? 'http://127.0.0.1/';
let stopping = false;
void text(process.stdin).then(() => {
  stopping = true;
});

await Promise.all(Array.from({ length: CLIENTS }, requestUntilStopped));
process.stdout.write(JSON.stringify(result satisfies LoadResult));

async function requestUntilStopped(): Promise<void> {
  while (!stopping) {
    try {
      await request();
      result.answered++;
    } catch (error) {
      result.failures.push(`${new Date().toISOString()} ${String(error)}`);
    }
  }
}

function request(): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, timeout: TIMEOUT_MS }, (answer) => {
      answer.resume().on('end', resolve).on('error', reject);
      if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', reject);
  });
}
