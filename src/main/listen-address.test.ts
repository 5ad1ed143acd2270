/** Addresses to listen at: read, made local, tried. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { hostAndPort, localAddress, whyNotListen } from './listen-address.ts';

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

test('[CLI31] an address that is free, taken, or not of this machine', async () => {
  await using server = createServer();
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await whyNotListen(`127.0.0.1:${port}`), 'something else listens there');
  assert.equal(await whyNotListen('192.0.2.1:6443'), 'this machine does not have the address');
  assert.equal(await whyNotListen('127.0.0.1:0'), undefined);
});
