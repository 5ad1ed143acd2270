/** What is driven through HTTPS: the whole server on sqlite, and Node's own server as the floor of the transport. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { KINDS } from '#api/kinds';
import type { RequestHandler } from '#api/request';
import { ADMIN_LEAF, createAuthority, issueLeaf, serverLeaf } from '#apiserver/pki/authority';
import type { KeyPair } from '#apiserver/pki/certificate';
import { startApiServer } from '#apiserver/start';
import { createLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { openStore } from '#store/mvcc-store';
import type { Store } from '#store/store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';

export type Certificates = {
  readonly tls: KeyPair & { readonly clientAuthority: string };
  readonly client: KeyPair & { readonly authority: string };
};

export type Driven = AsyncDisposable & { readonly port: number };
type DrivenApi = Driven & { readonly handle: RequestHandler };

export function benchCertificates(): Certificates {
  const nowMs = systemWorld().clock.now();
  const authority = createAuthority(nowMs);
  const server = issueLeaf(authority, serverLeaf(['localhost', '127.0.0.1']), nowMs);
  return {
    tls: { ...server, clientAuthority: authority.certificate },
    client: { ...issueLeaf(authority, ADMIN_LEAF, nowMs), authority: authority.certificate },
  };
}

/** The server over the database. */
export const startServer = (databasePath: string, certificates: Certificates): Promise<DrivenApi> =>
  startServerOn(openStore({ engine: sqliteEngine({ path: databasePath }), world: systemWorld() }), certificates);

export async function startServerOn(opening: Promise<Store>, { tls, client }: Certificates): Promise<DrivenApi> {
  await using starting = new AsyncDisposableStack();
  const world = systemWorld();
  const store = starting.use(await opening);
  const api = starting.use(
    await startApiServer({
      store,
      kinds: KINDS,
      world,
      log: createLogger({ level: 'warn' }),
      listen: { host: '127.0.0.1', port: 0 },
      tls,
      agentTls: () => ({ authority: tls.clientAuthority, client }),
      serviceCidr: '198.19.0.0/20',
      advertisedAddresses: ['198.18.0.1'],
    }),
  );
  const held = starting.move();
  return { handle: api.handle, port: api.address.port, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Answers a request that has a body with that body, and any other with `answer`. */
export async function startBareServer({ tls }: Certificates, answer: Buffer = Buffer.alloc(0)): Promise<Driven> {
  const { certificate, key, clientAuthority } = tls;
  const server = createServer({ cert: certificate, key, ca: clientAuthority, requestCert: true, keepAliveTimeout: 0 });
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 0 ? answer : Buffer.concat(chunks);
      const status = chunks.length === 0 ? 200 : 201;
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
