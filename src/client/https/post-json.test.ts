/** Talking to servers that are none of ours. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { systemWorld } from '#base/world';
import { postJson } from './post-json.ts';

async function served(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/verb`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const post = (url: string, timeoutMs = 10_000): Promise<unknown> =>
  postJson({ url, body: { a: 1 }, timeoutMs, tls: {}, signal: new AbortController().signal }, systemWorld());

test('[SCE7] JSON goes there and comes back; anything but 200 is a failure', async () => {
  await using good = await served((request, response) => {
    void text(request).then((body) => response.end(JSON.stringify([request.method, request.url, body])));
  });
  assert.deepEqual(await post(good.url), ['POST', '/verb', '{"a":1}']);
  await using bad = await served((_request, response) => response.writeHead(503).end('busy'));
  await assert.rejects(post(bad.url), /^Error: code 503$/);
});

test('[SCE7] a server that does not answer in time is given up', async () => {
  await using silent = await served(() => undefined);
  await assert.rejects(post(silent.url, 20));
});
