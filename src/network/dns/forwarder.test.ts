import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as packet from 'dns-packet';
import { silentLogger } from '#base/log';
import { virtualWorld, type VirtualWorld } from '#base/virtual-world';
import type { Exchange } from './exchange.ts';
import { Forwarder } from './forwarder.ts';

const FLAGS = { missing: 3, failed: 2 } as const;

function aQuery(name: string, id = 7): Buffer {
  return packet.encode({
    type: 'query',
    id,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type: 'A', name, class: 'IN' }],
  });
}

type Server = (name: string) => { readonly ttl?: number; readonly flags?: number; readonly answers: readonly string[] };

/** Servers by address; asking an address that has none fails. */
function aForwarder(world: VirtualWorld, servers: Readonly<Record<string, Server>>) {
  const asked: string[] = [];
  const exchange: Exchange = async (query, { server }) => {
    asked.push(server.address);
    await Promise.resolve();
    const known = servers[server.address];
    if (known === undefined) throw new Error('no answer');
    const { id, questions } = packet.decode(query);
    const name = questions?.[0]?.name ?? '';
    const { ttl = 60, flags = 0, answers } = known(name);
    return packet.encode({
      type: 'response',
      id,
      flags,
      questions,
      answers: answers.map((data) => ({ type: 'A', name, ttl, data })),
      authorities: [{ type: 'SOA', name: 'test', ttl: 900, data: { mname: 'a.test', rname: 'b.test', minimum: 20 } }],
    });
  };
  const names = ['first', 'second'].map((address) => ({ address, port: 53 }));
  const forwarder = new Forwarder({
    world,
    logger: silentLogger(),
    signal: new AbortController().signal,
    exchange,
    servers: () => Promise.resolve(names),
  });
  const ask = async (name: string, id?: number): Promise<packet.DecodedPacket> =>
    packet.decode(await forwarder.ask({ message: aQuery(name, id), key: name.toLowerCase(), transport: 'udp' }));
  return { asked, ask };
}

const told = ({ answers = [] }: packet.DecodedPacket): readonly unknown[] =>
  answers.map((record) => 'ttl' in record && record.ttl);

test('[DNS10] an answer is kept for its lifetime and handed out with the client’s id, spelling and what is left', async () => {
  const world = virtualWorld();
  const { ask, asked } = aForwarder(world, { first: () => ({ ttl: 20, answers: ['203.0.113.5'] }) });
  await ask('www.test', 1);
  await world.advance(5_000);
  const again = await ask('WWW.test', 2);
  assert.deepEqual([again.id, again.questions?.[0]?.name, told(again), asked.length], [2, 'WWW.test', [15], 1]);
  await world.advance(15_000);
  assert.deepEqual([told(await ask('www.test')), asked.length], [[20], 2]);
});

test('[DNS10] nothing is kept for longer than half a minute, what is missing for as long as its zone says', async () => {
  const world = virtualWorld();
  const { ask, asked } = aForwarder(world, {
    first: (name) =>
      name === 'none.test' ? { flags: FLAGS.missing, answers: [] } : { ttl: 9_999, answers: ['203.0.113.5'] },
  });
  await ask('www.test');
  await ask('none.test');
  await world.advance(19_000);
  await ask('none.test');
  assert.equal(asked.length, 2);
  await world.advance(1_000);
  await ask('none.test');
  assert.equal(asked.length, 3);
  await world.advance(10_000);
  await ask('www.test');
  assert.equal(asked.length, 4);
});

test('[DNS9] the next server is asked when one does not answer or fails; when none answers the question fails', async () => {
  const second: Server = () => ({ answers: ['203.0.113.6'] });
  const silent = aForwarder(virtualWorld(), { second });
  await silent.ask('www.test');
  assert.deepEqual(silent.asked, ['first', 'second']);
  const failing = aForwarder(virtualWorld(), { first: () => ({ flags: FLAGS.failed, answers: [] }), second });
  await failing.ask('www.test');
  assert.deepEqual(failing.asked, ['first', 'second']);
  await assert.rejects(aForwarder(virtualWorld(), {}).ask('www.test'), /no answer/);
});

test('[DNS12] equal questions that wait are asked once, each answered under its own id', async () => {
  const { ask, asked } = aForwarder(virtualWorld(), { first: () => ({ answers: ['203.0.113.5'] }) });
  const answers = await Promise.all([1, 2, 3].map((id) => ask('www.test', id)));
  assert.deepEqual([answers.map(({ id }) => id), asked], [[1, 2, 3], ['first']]);
});
