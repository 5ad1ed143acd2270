import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientElements } from './remembered-clients.ts';

test('[NET14] remembered clients are carried over with what is left of their time', () => {
  const elem = [
    [{ elem: { val: { concat: ['198.18.0.1', '198.19.0.1', 'tcp', 80] }, timeout: 60, expires: 39 } }, 0x2000_0001],
    [{ elem: { val: { concat: ['198.18.0.2', '198.19.0.1', 'tcp', 80] }, timeout: 60, expires: 0 } }, 0x2000_0002],
  ];
  const printed = JSON.stringify({ nftables: [{ metainfo: {} }, { map: { name: 'vips_clients', elem } }] });
  assert.deepEqual(clientElements('vips_clients', printed), [
    { map: 'vips_clients', key: '198.18.0.1 . 198.19.0.1 . tcp . 80 timeout 60s expires 39s', value: '0x20000001' },
    { map: 'vips_clients', key: '198.18.0.2 . 198.19.0.1 . tcp . 80 timeout 60s expires 1s', value: '0x20000002' },
  ]);
  assert.deepEqual(clientElements('vips_clients', ''), []);
});
