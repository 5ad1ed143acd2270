import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalIp, ipFamilyOf, isDualStack, validateCidr, validateIp, validateNonSpecialIp } from './ip.ts';

const messages = (problems: Iterable<{ readonly message: string }>): readonly string[] =>
  [...problems].map(({ message }) => message);

test('[KIN3] addresses have a family and one canonical form', () => {
  assert.equal(ipFamilyOf('198.18.0.1'), 'IPv4');
  assert.equal(ipFamilyOf('2001:DB8::1'), 'IPv6');
  assert.equal(ipFamilyOf('fe80::1%eth0'), undefined);
  assert.equal(canonicalIp('2001:0DB8:0:0:0:0:0:0001'), '2001:db8::1');
  assert.equal(canonicalIp('::'), '::');
  assert.equal(canonicalIp('1:0:0:2:0:0:0:3'), '1:0:0:2::3');
  assert.equal(canonicalIp('::ffff:1.2.3.4'), '1.2.3.4');
  assert.equal(canonicalIp('1.2.3'), undefined);
  assert.equal(isDualStack(['198.18.0.1', 'fd00::1']), true);
  assert.equal(isDualStack(['198.18.0.1', '198.18.0.2']), false);
});

const ADDRESSES: readonly (readonly [string, string | undefined])[] = [
  ['198.18.0.1', undefined],
  ['fd00::1', undefined],
  ['1.2.3.256', 'Invalid value: "1.2.3.256": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ['010.1.2.3', 'Invalid value: "010.1.2.3": must not have leading 0s'],
  ['::ffff:1.2.3.4', 'Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address'],
];

for (const [address, message] of ADDRESSES) {
  test(`[KIN3] address ${address} is ${message === undefined ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(messages(validateIp(address, 'ip')), message === undefined ? [] : [message]);
  });
}

const RANGES: readonly (readonly [string, string | undefined])[] = [
  ['198.18.0.0/24', undefined],
  ['fd00::/64', undefined],
  ['198.18.0.0/33', 'Invalid value: "198.18.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ['198.18.0.0', 'Invalid value: "198.18.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ['198.18.0.1/24', 'Invalid value: "198.18.0.1/24": must not have bits set beyond the prefix length'],
];

for (const [range, message] of RANGES) {
  test(`[KIN3] range ${range} is ${message === undefined ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(messages(validateCidr(range, 'cidr')), message === undefined ? [] : [message]);
  });
}

const SPECIAL: readonly (readonly [string, string | undefined])[] = [
  ['198.18.0.1', undefined],
  ['0.0.0.0', 'may not be unspecified (0.0.0.0)'],
  ['127.0.0.1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['::1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['169.254.169.254', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['fe80::1', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['224.0.0.1', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

for (const [address, problem] of SPECIAL) {
  test(`[KIN3] ${address} is ${problem === undefined ? 'an' : 'no'} endpoint address`, () => {
    const expected = problem === undefined ? [] : [`Invalid value: "${address}": ${problem}`];
    assert.deepEqual(messages(validateNonSpecialIp(address, 'ip')), expected);
  });
}
