import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangesIn } from './service-ranges.ts';

test('[NET30] what the kernel holds is known again after a restart', () => {
  const elem = [{ prefix: { addr: '198.19.0.0', len: 20 } }, '198.19.32.5'];
  const printed = JSON.stringify({ nftables: [{ metainfo: {} }, { set: { name: 'service_ranges', elem } }] });
  assert.deepEqual(rangesIn(printed), ['198.19.0.0/20', '198.19.32.5/32']);
  assert.deepEqual(rangesIn(''), []);
});
