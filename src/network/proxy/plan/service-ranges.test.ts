import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planServiceRanges, type RangePlan, type Surroundings } from './service-ranges.ts';

const OWN = '198.19.0.0/20';
const SURROUNDINGS: Surroundings = { own: OWN, podCidr: '198.18.0.0/20', taken: [], answered: [] };

const plan = (asked: readonly string[], rest: Partial<Surroundings> = {}): RangePlan =>
  planServiceRanges(asked, { ...SURROUNDINGS, ...rest });

test('[NET30] a node answers for the cluster’s own range and for those of users, none of them within another', () => {
  assert.deepEqual(plan([]), { added: [], all: [OWN], refused: [] });
  assert.deepEqual(plan([OWN, '198.19.1.0/24', '2001:db8::/64']), { added: [], all: [OWN], refused: [] });
  assert.deepEqual(plan(['198.19.32.0/24', '198.19.32.0/20', '198.19.32.0/20']), {
    added: ['198.19.32.0/20'],
    all: [OWN, '198.19.32.0/20'],
    refused: [],
  });
  assert.deepEqual(plan(['198.19.0.0/16']), { added: ['198.19.0.0/16'], all: ['198.19.0.0/16'], refused: [] });
});

test('[NET31] a range in which the machine or its pods have addresses stays theirs', () => {
  const inUse = (range: string, other: string): object => ({
    range,
    why: `it overlaps ${other}, which is in use on this machine`,
  });
  const taken = ['0.0.0.0/0', '192.0.2.0/24', OWN, '198.18.0.5/32', '198.19.32.0/24'];
  assert.deepEqual(plan(['192.0.2.128/25', '198.18.0.0/24', '127.1.0.0/24', '0.0.0.0/1'], { taken }).refused, [
    inUse('192.0.2.128/25', '192.0.2.0/24'),
    inUse('198.18.0.0/24', '198.18.0.0/20'),
    inUse('127.1.0.0/24', '127.0.0.0/8'),
    { range: '0.0.0.0/1', why: 'it is larger than a /8' },
  ]);
  assert.deepEqual(plan(['198.19.32.0/24'], { taken }).added, []);
  assert.deepEqual(plan(['198.19.32.0/24'], { taken, answered: ['198.19.32.0/24'] }).added, ['198.19.32.0/24']);
});
