/** Addresses to listen at: read, and made local. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostAndPort, localAddress } from './listen-address.ts';

test('[CLI30] host and port are told apart, whatever the family', () => {
  assert.deepEqual(hostAndPort('127.0.0.1:6443'), { host: '127.0.0.1', port: 6443 });
  assert.deepEqual(hostAndPort('[::1]:6443'), { host: '::1', port: 6443 });
  assert.deepEqual(hostAndPort('node.example:1'), { host: 'node.example', port: 1 });
});

test('[CLI30] this machine reaches what listens everywhere at its loopback address', () => {
  assert.equal(localAddress('0.0.0.0:6443'), '127.0.0.1:6443');
  assert.equal(localAddress('[::]:6443'), '[::1]:6443');
  assert.equal(localAddress('198.19.250.1:6443'), '198.19.250.1:6443');
});
