import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { test } from 'node:test';
import { linkMtu, primaryAddress, routedRanges, takenRanges } from './machine.ts';

const TABLE = [
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
  'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  '*\t000012C6\t00000000\t0200\t0\t0\t0\t00F0FFFF\t0\t0\t0',
  '',
].join('\n');

test('[NET1] the kernel’s routes are read, those that refuse included', () => {
  assert.deepEqual(routedRanges(TABLE), ['0.0.0.0/0', '192.0.2.0/24', '198.18.0.0/20']);
});

test('[NET3] this machine has a primary address, and its own ranges count as taken', async () => {
  const address = await primaryAddress();
  assert.ok(isIPv4(address), address);
  assert.ok((await takenRanges()).includes('127.0.0.0/8'));
  const mtu = await linkMtu(address);
  assert.ok(mtu > 500 && mtu <= 1500, String(mtu));
});
