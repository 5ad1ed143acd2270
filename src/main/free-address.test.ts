/** Addresses to listen at, tried. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { whyNotListen } from './free-address.ts';

test('[CLI31] an address that is free, taken, or not of this machine', async () => {
  await using server = createServer();
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await whyNotListen(`127.0.0.1:${port}`), 'something else listens there');
  assert.equal(await whyNotListen('192.0.2.1:6443'), 'this machine does not have the address');
  assert.equal(await whyNotListen('127.0.0.1:0'), undefined);
});
