import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiAddress, chooseRanges, dnsAddress, nodePodRange } from './ranges.ts';

const slot = (number: number) => ({ podCidr: `198.18.${number * 16}.0/20`, serviceCidr: `198.19.${number * 16}.0/20` });

test('[NET1] the first pair of default ranges that is free is chosen', () => {
  assert.deepEqual(chooseRanges(['0.0.0.0/0', '192.0.2.0/24', '127.0.0.0/8']), slot(0));
  assert.deepEqual(chooseRanges(['198.18.0.5/32']), slot(1));
  assert.deepEqual(chooseRanges(['198.18.0.0/20', '198.19.16.0/20', '198.19.47.255/32']), slot(3));
  assert.throws(() => chooseRanges(['198.18.0.0/15']), /every default range is in use on this machine/);
});

test('[NET2] each node has its own part of the pod range', () => {
  assert.deepEqual(
    [0, 15].map((number) => nodePodRange('198.18.16.0/20', number)),
    ['198.18.16.0/24', '198.18.31.0/24'],
  );
  assert.equal(nodePodRange('198.18.16.64/26', 0), '198.18.16.64/26');
  assert.throws(() => nodePodRange('198.18.16.0/20', 16), /it has none left/);
});

test('[NET8] the API and DNS answer at the first and tenth address of the service range', () => {
  assert.deepEqual([apiAddress('198.19.0.0/20'), dnsAddress('198.19.0.0/20')], ['198.19.0.1', '198.19.0.10']);
});
