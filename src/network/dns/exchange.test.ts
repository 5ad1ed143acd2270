import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import * as packet from 'dns-packet';
import { systemWorld } from '#base/world';
import { exchange, type ServerAddress } from './exchange.ts';

const QUERY = packet.encode({ id: 7, type: 'query', questions: [{ type: 'A', name: 'some.where' }] });
const ask = (server: ServerAddress, transport: 'udp' | 'tcp', timeoutMs: number) =>
  exchange(
    QUERY,
    { server, transport },
    { clock: systemWorld().clock, signal: new AbortController().signal, timeoutMs },
  );

test('[DNS13] a server to which there is no way is a failure like any other', async () => {
  // Nobody may connect to everybody.
  for (const transport of ['udp', 'tcp'] as const)
    await assert.rejects(ask({ address: '255.255.255.255', port: 53 }, transport, 5_000), /EACCES|ENETUNREACH|EINVAL/);
});

test('[DNS13] of what comes in only the answer to the question counts', async () => {
  const server = createSocket('udp4');
  await new Promise<void>((bound) => server.bind(0, '127.0.0.1', bound));
  server.on('message', (message, client) => {
    const other = packet.encode({ id: 8, type: 'response', questions: packet.decode(message).questions ?? [] });
    const answer = packet.encode({ id: 7, type: 'response', questions: packet.decode(message).questions ?? [] });
    for (const reply of [Buffer.from('?'), other, answer]) server.send(reply, client.port, client.address);
  });
  const given = await ask({ address: '127.0.0.1', port: server.address().port }, 'udp', 5_000);
  assert.equal(packet.decode(given).id, 7);
  server.close();
});
