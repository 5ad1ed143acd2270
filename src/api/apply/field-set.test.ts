import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  difference,
  differenceBelowToo,
  type FieldSet,
  has,
  intersection,
  isMember,
  NOTHING_BELOW,
  pathsOf,
  SELF,
  union,
} from './field-set.ts';
import { decodeFieldsV1 } from './fields-v1.ts';
import { canonicalElement, compareElements, describePath, keyElement } from './path-element.ts';

const element = fc.constantFrom('f:a', 'f:b', 'f:__proto__', 'k:{"name":"x"}', 'v:1');
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 12 });

function setOf(members: readonly (readonly string[])[]): FieldSet {
  return members.reduce<FieldSet>((set, member) => union(set, member.reduceRight(nested, NOTHING_BELOW)), {});
}

const nested = (below: FieldSet, name: string): FieldSet => ({ [name]: below });
const texts = (set: FieldSet): ReadonlySet<string> =>
  new Set([...pathsOf(set, compareElements)].map((each) => each.join(' ')));

test('[APL15] sets of fields combine as sets of their paths', () => {
  fc.assert(
    fc.property(paths, paths, (some, others) => {
      const [left, right] = [setOf(some), setOf(others)];
      const [mine, theirs] = [texts(left), texts(right)];
      assert.deepEqual(mine, new Set(some.map((each) => each.join(' '))));
      assert.deepEqual(texts(union(left, right)), mine.union(theirs));
      assert.deepEqual(texts(difference(left, right)), mine.difference(theirs));
      assert.deepEqual(texts(intersection(left, right)), mine.intersection(theirs));
      for (const each of some) assert.ok(has(left, each));
    }),
  );
});

test('[APL15] a set that a combination does not change stays the same object', () => {
  fc.assert(
    fc.property(paths, paths, (some, others) => {
      const set = setOf([...some, ...others]);
      assert.equal(union(set, setOf(some)), set);
      assert.equal(difference(set, difference(setOf(some), set)), set);
    }),
  );
});

test('[APL15] leaving out a field and what is below it', () => {
  const set = setOf([['f:a'], ['f:a', 'f:b'], ['f:c', 'f:d'], ['f:c', 'f:e']]);
  assert.deepEqual(differenceBelowToo(set, setOf([['f:a'], ['f:c', 'f:d']])), { 'f:c': { 'f:e': {} } });
});

test('[APL16] what fieldsV1 says is read as it is written', () => {
  fc.assert(
    fc.property(paths, (members) => {
      const set = setOf(members);
      const read = decodeFieldsV1(JSON.parse(JSON.stringify(set)));
      assert.deepEqual(read, set);
    }),
  );
  const frozen = Object.freeze(setOf([['f:a']]));
  assert.equal(decodeFieldsV1(frozen), frozen);
});

test('[APL16] elements are read whatever the order and the spaces of their keys', () => {
  const read = decodeFieldsV1({
    'k:{"protocol": "TCP", "containerPort": 80}': {},
    'i:01': {},
    'v: "x"': {},
    'f:a': { '.': {} },
  });
  assert.deepEqual(read, { 'k:{"containerPort":80,"protocol":"TCP"}': {}, 'i:1': {}, 'v:"x"': {}, 'f:a': { '.': {} } });
  assert.equal(
    canonicalElement('k:{"b":1,"a":"2"}'),
    keyElement([
      ['a', '2'],
      ['b', 1],
    ]),
  );
});

test('[APL16] what is no set of fields is not read', () => {
  for (const broken of [
    'x',
    [],
    { a: {} },
    { 'f:a': 1 },
    { 'k:[]': {} },
    { 'k:{': {} },
    { 'v:x': {} },
    { 'i:x': {} },
    { 'f:a': { b: {} } },
  ]) {
    assert.equal(decodeFieldsV1(broken), undefined, JSON.stringify(broken));
  }
  assert.deepEqual([decodeFieldsV1(undefined), decodeFieldsV1(null), decodeFieldsV1({ [SELF]: {} })], [{}, {}, {}]);
});

test('[APL17] paths read as upstream writes them, in its order', () => {
  const port = (number: number): string =>
    keyElement([
      ['containerPort', number],
      ['protocol', 'TCP'],
    ]);
  const set = setOf([
    ['f:z', 'v:"b"'],
    ['f:z', port(443)],
    ['f:z', port(80)],
    ['f:z', 'f:n'],
    ['f:a'],
    ['f:z', 'i:3'],
    ['f:z', 'v:true'],
  ]);
  assert.deepEqual([...pathsOf(set, compareElements)].map(describePath), [
    '.a',
    '.z.n',
    '.z[containerPort=80,protocol="TCP"]',
    '.z[containerPort=443,protocol="TCP"]',
    '.z[="b"]',
    '.z[=true]',
    '.z[3]',
  ]);
  assert.ok(isMember(set['f:a']!));
});
