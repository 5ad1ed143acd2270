import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canComeFrom, isWithinRange } from './range-containment.ts';

test('[NKD15] a range holds itself and what is smaller in it, in whatever way it is written', () => {
  assert.equal(isWithinRange('198.18.0.0/24', '198.18.0.0/24'), true);
  assert.equal(isWithinRange('198.18.1.0/24', '198.18.0.0/16'), true);
  assert.equal(isWithinRange('198.18.0.0/16', '198.18.0.0/24'), false);
  assert.equal(isWithinRange('198.19.0.0/24', '198.18.0.0/24'), false);
  assert.equal(isWithinRange('2001:DB8::/64', '2001:db8:0:0::/64'), true);
  assert.equal(isWithinRange('2001:db8::/64', '198.18.0.0/16'), false);
});

test('[NKD15] the first address of a range and the last of an IPv4 one are given to nobody', () => {
  const from = (range: string, ...addresses: readonly string[]): readonly boolean[] =>
    addresses.map((address) => canComeFrom(address, range));
  assert.deepEqual(from('198.18.0.0/24', '198.18.0.0', '198.18.0.1', '198.18.0.254', '198.18.0.255'), [
    false,
    true,
    true,
    false,
  ]);
  assert.deepEqual(from('198.18.0.0/24', '198.18.1.1', '2001:db8::1'), [false, false]);
  assert.deepEqual(from('2001:db8::/64', '2001:db8::', '2001:db8::ffff:ffff:ffff:ffff'), [false, true]);
});
