import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCheck } from './formats.ts';

const EXAMPLES: Readonly<Record<string, readonly [good: readonly string[], bad: readonly string[]]>> = {
  uri: [
    ['https://example.com/a?b', '/path', 'mailto:a@b.c'],
    ['', 'no scheme', 'a%zz'],
  ],
  email: [
    ['a@b.example', 'Ann <a@b.example>'],
    ['a', 'a@', 'a b@c.d'],
  ],
  hostname: [
    ['example.com', '1and1.example'],
    ['-a.com', 'a_b', ''],
  ],
  ipv4: [
    ['1.2.3.4', '01.2.3.4'],
    ['1.2.3', '1.2.3.256', '::1'],
  ],
  ipv6: [
    ['::1', 'fe80::1'],
    ['1.2.3.4', ':::'],
  ],
  cidr: [
    ['10.0.0.0/8', '10.1.2.3/8', 'fd00::/64'],
    ['10.0.0.0', '10.0.0.0/33'],
  ],
  mac: [
    ['00:00:5e:00:53:01', '0000.5e00.5301'],
    ['00:00:5e', '00:00-5e:00:53:01'],
  ],
  uuid: [['6BA7B810-9DAD-11D1-80B4-00C04FD430C8'], ['6ba7b810']],
  uuid4: [['f47ac10b-58cc-4372-a567-0e02b2c3d479'], ['f47ac10b-58cc-1372-a567-0e02b2c3d479']],
  isbn: [
    ['0321751043', '978-0321751041'],
    ['0321751044', '978-0321751042'],
  ],
  creditcard: [['4111 1111 1111 1111'], ['4111 1111 1111 1112']],
  ssn: [['111-22-3333'], ['111-22-333']],
  hexcolor: [['#FFF', 'a0b1c2'], ['#ff']],
  rgbcolor: [['rgb(255, 0, 10)'], ['rgb(256,0,0)']],
  byte: [['aGk='], ['aGk']],
  date: [['2026-02-28'], ['2026-02-30', '2026-2-1']],
  duration: [
    ['1h30m', '2 days', '22 ns'],
    ['soon', '5 parsecs'],
  ],
  'date-time': [
    ['2014-12-15T19:30:20.000Z', '2014-12-15T19:30:20+01:00'],
    ['2014-12-15', '2014-12-15T25:00:00Z'],
  ],
  'k8s-short-name': [['abc-1'], ['a.b', 'A']],
  'k8s-long-name': [['a.b-c'], ['a..b']],
  password: [['anything'], []],
};

test('[EXT9] formats are checked as upstream checks them, unknown ones not at all', () => {
  for (const [format, [good, bad]] of Object.entries(EXAMPLES)) {
    const check = formatCheck(format);
    assert.ok(check !== undefined, format);
    assert.deepEqual([format, good.filter((text) => !check(text)), bad.filter(check)], [format, [], []]);
  }
  assert.equal(formatCheck('color'), undefined);
});

test('[EXT9] a text as long as a body may be is looked at no longer than it is long', () => {
  for (const format of ['duration', 'email', 'uri', 'hostname', 'ipv6', 'date-time', 'byte', 'creditcard', 'isbn']) {
    for (const unit of ['1', 'a', '.', '-', ':', '1 ', 'a@', '/']) {
      const text = unit.repeat(300_000 / unit.length);
      assert.equal(typeof formatCheck(format)?.(`${text}!`), 'boolean');
    }
  }
});
