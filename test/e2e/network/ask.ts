/** A DNS client as a process of its own: `ask SERVER TYPE NAME...` prints a JSON array of what the server said of each. */
import { connect } from 'node:net';
import { createSocket } from 'node:dgram';
import * as packet from 'dns-packet';
import type { DecodedPacket, RecordType } from 'dns-packet';

const TIMEOUT_MS = 3_000;
const [, , server = '', type = 'A', ...names] = process.argv;

const results: string[] = [];
for (const name of names) results.push(await ask(name));
process.stdout.write(JSON.stringify(results));

async function ask(name: string): Promise<string> {
  const query = packet.encode({
    type: 'query',
    id: 1 + Math.floor(Math.random() * 65_000),
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type: type as RecordType, class: 'IN' }],
  });
  const answer = await askByDatagram(query);
  return answer.flag_tc ? `by stream: ${told(await askByStream(query))}` : told(answer);
}

function told(answer: DecodedPacket & { readonly rcode?: string }): string {
  const data = (answer.answers ?? []).map((record) => ('data' in record ? JSON.stringify(record.data) : ''));
  return data.length > 0 ? data.toSorted().join(' ') : (answer.rcode ?? '');
}

function askByDatagram(query: Buffer): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => {
      socket.close();
      reject(new Error('no answer in time'));
    }, TIMEOUT_MS);
    socket.on('error', reject);
    socket.on('message', (message) => {
      clearTimeout(timer);
      socket.close();
      resolve(packet.decode(message));
    });
    socket.send(query, 53, server);
  });
}

function askByStream(query: Buffer): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port: 53, timeout: TIMEOUT_MS });
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      socket.destroy();
      resolve(packet.decode(received.subarray(2)));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
}
