import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameServers } from './resolv-conf.ts';

test('[DNS9] the machine’s servers are asked in their order, ourselves never', () => {
  const text =
    '# comment\nnameserver 198.19.0.10\nsearch lan\nnameserver 192.0.2.1 ; home\nnameserver\nnameserver fe80::1%eth0\nnameserver 192.0.2.1\n';
  assert.deepEqual(nameServers(text, ['198.19.0.10']), ['192.0.2.1', 'fe80::1%eth0']);
});
