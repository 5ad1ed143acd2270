import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as packet from 'dns-packet';
import type { DecodedPacket, Packet } from 'dns-packet';
import { assert as check, property, uint8Array } from 'fast-check';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { aService, anEndpoint, aSlice } from '#test/builders/network';
import type { Transport } from './exchange.ts';
import { Forwarder } from './forwarder.ts';
import type { DnsSnapshot } from './plan/snapshot.ts';
import { resolveMessage, type Resolver } from './resolver.ts';

const OTHERS = { 'www.test': '203.0.113.5' } as Readonly<Record<string, string>>;
const MANY = aSlice({
  service: 'many',
  endpoints: Array.from({ length: 200 }, (_, index) => anEndpoint(`198.18.1.${index}`)),
});
const SERVICES = [
  aService(),
  aService({ name: 'many', spec: { clusterIP: 'None', clusterIPs: ['None'] } }),
  aService({ name: 'alias', spec: { type: 'ExternalName', externalName: 'www.test' } }),
  aService({ name: 'near', spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' } }),
  aService({ name: 'loop', spec: { type: 'ExternalName', externalName: 'loop.default.svc.cluster.local' } }),
];

const SNAPSHOT: DnsSnapshot = {
  domain: 'cluster.local',
  dnsIp: '198.19.0.10',
  ranges: [],
  hasNamespace: () => true,
  service: (_namespace, name) => SERVICES.find(({ metadata }) => metadata.name === name),
  slicesOf: (_namespace, name) => (name === 'many' ? [MANY] : []),
  servicesAt: () => [],
  slicesWith: () => [],
};

function aResolver(): Resolver {
  const forwarder = new Forwarder({
    world: virtualWorld(),
    logger: silentLogger(),
    signal: new AbortController().signal,
    servers: () => Promise.resolve([{ address: 'outside', port: 53 }]),
    exchange: async (query) => {
      const { id, questions } = packet.decode(query);
      const name = questions?.[0]?.name ?? '';
      const known = OTHERS[name];
      if (known === undefined) throw new Error('no answer');
      return await Promise.resolve(
        packet.encode({ type: 'response', id, questions, answers: [{ type: 'A', name, ttl: 60, data: known }] }),
      );
    },
  });
  return { snapshot: SNAPSHOT, forwarder, logger: silentLogger() };
}

type Response = DecodedPacket & { readonly rcode: string; readonly size: number };

async function ask(name: string, parts: Packet & { readonly by?: Transport } = {}): Promise<Response> {
  const { by = 'udp', ...rest } = parts;
  const questions = [{ type: 'A', name, class: 'IN' }] as const;
  const message = packet.encode({
    type: 'query',
    id: 7,
    flags: packet.RECURSION_DESIRED,
    questions: [...questions],
    ...rest,
  });
  const answer = await resolveMessage(aResolver(), message, by);
  assert.ok(answer !== undefined);
  return { ...packet.decode(answer), size: answer.length } as Response;
}

const EXTENSION: packet.OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 4096,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};
const dataOf = ({ answers = [] }: DecodedPacket): readonly unknown[] =>
  answers.map((record) => 'data' in record && record.data);

test('[DNS1] names are found whatever their case, and answered as they were spelled', async () => {
  const answer = await ask('Web.default.SVC.cluster.local');
  assert.deepEqual([answer.id, answer.rcode, answer.flag_aa, answer.flag_rd], [7, 'NOERROR', true, true]);
  assert.deepEqual([answer.answers?.[0]?.name, dataOf(answer)], ['Web.default.SVC.cluster.local', ['198.19.0.20']]);
});

test('[DNS6] an alias comes with its target’s records, ours or others’, and a circle of aliases ends', async () => {
  assert.deepEqual(dataOf(await ask('alias.default.svc.cluster.local')), ['www.test', '203.0.113.5']);
  assert.deepEqual(dataOf(await ask('near.default.svc.cluster.local')), [
    'web.default.svc.cluster.local',
    '198.19.0.20',
  ]);
  assert.equal((await ask('loop.default.svc.cluster.local')).rcode, 'NOERROR');
});

test('[DNS7] what is missing carries the zone’s authority', async () => {
  const answer = await ask('none.default.svc.cluster.local');
  assert.deepEqual([answer.rcode, answer.authorities?.[0]?.type], ['NXDOMAIN', 'SOA']);
});

test('[DNS8] answers fit what the client takes, or say that they are cut', async () => {
  const name = 'many.default.svc.cluster.local';
  const plain = await ask(name);
  assert.deepEqual([plain.flag_tc, plain.answers?.length, plain.size <= 512], [true, 0, true]);
  const extended = await ask(name, { additionals: [EXTENSION] });
  assert.deepEqual([extended.flag_tc, extended.additionals?.[0]?.type], [true, 'OPT']);
  const whole = await ask(name, { by: 'tcp' });
  assert.deepEqual([whole.flag_tc, whole.answers?.length], [false, 200]);
});

test('[DNS9] others’ names are answered by others, and fail when they do', async () => {
  assert.deepEqual(dataOf(await ask('www.test')), ['203.0.113.5']);
  assert.equal((await ask('silent.test')).rcode, 'SERVFAIL');
});

test('[DNS11] what cannot be answered is told why', async () => {
  const questions = [{ type: 'A', name: 'web.default.svc.cluster.local', class: 'IN' }] as const;
  assert.equal((await ask('', { questions: [{ ...questions[0], class: 'CH' }] })).rcode, 'REFUSED');
  assert.equal((await ask('', { questions: [{ ...questions[0], type: 'AXFR' }] })).rcode, 'REFUSED');
  assert.equal((await ask('', { questions: [] })).rcode, 'FORMERR');
  assert.equal((await ask('web.test', { flags: 2 << 11 })).rcode, 'NOTIMP');
  const answer = packet.encode({ type: 'response', id: 1, questions: [...questions] });
  assert.equal(await resolveMessage(aResolver(), answer, 'udp'), undefined);
  assert.equal(await resolveMessage(aResolver(), Buffer.from([1, 2, 3]), 'udp'), undefined);
});

test('[DNS11] no message, whatever is in it, does harm', async () => {
  const resolver = aResolver();
  const messages: Buffer[] = [];
  check(
    property(uint8Array({ maxLength: 60 }), (bytes) => void messages.push(Buffer.from(bytes))),
    { numRuns: 300 },
  );
  for (const message of messages) await resolveMessage(resolver, message, 'udp');
});
