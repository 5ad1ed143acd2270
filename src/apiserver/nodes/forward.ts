/** Passes an agent's answer on to a client as it comes. */
import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../http/exchange.ts';

/** Headers that describe a connection, not the answer. */
const CONNECTION_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length']);

export async function forwardAnswer(exchange: Exchange, answer: IncomingMessage): Promise<void> {
  const stream = exchange.stream(answer.statusCode ?? 502, answerHeaders(answer));
  try {
    for await (const chunk of answer) await stream.write(chunk as Buffer);
  } catch (error) {
    // The client left, or the agent broke off: headers are sent, so all that is left to say is that it ends here.
    if (!exchange.signal.aborted) answer.destroy(error instanceof Error ? error : undefined);
  }
  stream.end();
}

function answerHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !CONNECTION_HEADERS.has(name)) kept[name] = value;
  }
  return kept;
}

/** A short answer as text: what an agent says when it refuses. */
export async function answerText(answer: IncomingMessage, maxBytes = 64 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks).toString();
}
