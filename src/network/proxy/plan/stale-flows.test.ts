import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Front } from './front.ts';
import { forgetCommand, staleFlows } from './stale-flows.ts';

const aFront = (protocol: Front['protocol'], ...addresses: readonly string[]): Front => ({
  table: 'vips',
  address: '198.19.0.20',
  protocol,
  port: 53,
  targets: addresses.map((address) => ({ address, port: 8053 })),
  whenEmpty: 'refuse',
});

test('[NET21] datagram flows to endpoints that left are forgotten, and those let through before there was one', () => {
  const flows = staleFlows(aFront('udp', '198.18.0.2', '198.18.0.3'), aFront('udp', '198.18.0.3'));
  assert.deepEqual(
    flows.map((flow) => forgetCommand(flow).join(' ')),
    ['-D -p udp --orig-dst 198.19.0.20 --orig-port-dst 53 --reply-src 198.18.0.2 --reply-port-src 8053'],
  );
  assert.deepEqual(staleFlows(aFront('udp', '198.18.0.2'), undefined).length, 1);
  assert.deepEqual(
    forgetCommand(staleFlows(undefined, aFront('udp', '198.18.0.2'))[0]!).join(' '),
    '-D -p udp --orig-dst 198.19.0.20 --orig-port-dst 53',
  );
  assert.deepEqual(staleFlows(aFront('udp'), aFront('udp')), []);
});

test('[NET21] TCP connections are left to drain', () => {
  assert.deepEqual(staleFlows(aFront('tcp', '198.18.0.2'), aFront('tcp', '198.18.0.3')), []);
  assert.deepEqual(staleFlows(aFront('tcp', '198.18.0.2'), undefined), []);
});
