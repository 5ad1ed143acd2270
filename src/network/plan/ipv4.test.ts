import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, nat, property } from 'fast-check';
import { addressAt, contains, formatAddress, formatRange, overlaps, parseAddress, parseRange } from './ipv4.ts';

test('[NET1] addresses and ranges are read and written, host bits dropped', () => {
  check(property(nat(0xffff_ffff), (address) => parseAddress(formatAddress(address)) === address));
  assert.deepEqual(
    ['198.18.7.9/20', '10.0.0.1', '0.0.0.0/0'].map((text) => formatRange(parseRange(text))),
    ['198.18.0.0/20', '10.0.0.1/32', '0.0.0.0/0'],
  );
  for (const text of ['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4/33', '1.2.3.4/5/6', 'a.b.c.d', '::1/64'])
    assert.throws(() => parseRange(text), RangeError, text);
});

test('[NET1] ranges overlap when one contains the other, up to the highest addresses', () => {
  const [wide, narrow, other] = [parseRange('255.0.0.0/8'), parseRange('255.255.255.0/24'), parseRange('254.0.0.0/8')];
  assert.deepEqual([overlaps(wide, narrow), overlaps(narrow, wide), overlaps(narrow, other)], [true, true, false]);
  assert.equal(contains(narrow, parseAddress('255.255.255.255')!), true);
  assert.equal(addressAt(narrow, 10), '255.255.255.10');
  assert.throws(() => addressAt(narrow, 256), /it has 256/);
});
