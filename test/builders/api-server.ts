/** A real API server for tests: TLS on loopback, the memory store, certificates of its own. */
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { request as requestHttp1 } from 'node:https';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { KINDS } from '#api/kinds';
import type { TokenAuthority } from '#apiserver/authn/tokens/token-authority';
import { ADMIN_LEAF, createAuthority, issueLeaf, type Leaf, serverLeaf } from '#apiserver/pki/authority';
import type { KeyPair } from '#apiserver/pki/certificate';
import { type ApiServer, type ApiServerOptions, startApiServer } from '#apiserver/start';
import { silentLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import type { Store } from '#store/store';
import { type WatchTap, watchTap } from './http-watch-tap.ts';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
};

export type Ask = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly as?: KeyPair | 'anonymous';
};

export type TestApiServer = AsyncDisposable & {
  readonly server: ApiServer;
  readonly store: Store;
  readonly authority: KeyPair;
  readonly admin: KeyPair;
  certificateFor(leaf: Leaf): KeyPair;
  /** One request over HTTP/1.1, as the administrator unless said otherwise. */
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** One request over HTTP/2. */
  ask2(path: string, ask?: Ask): Promise<Answer>;
  /** A session for many requests. */
  session(as?: KeyPair): ClientHttp2Session;
  /** A bare TLS connection that speaks HTTP/1.1. */
  socket(as?: KeyPair): TLSSocket;
};

// Pods as they are written: tests that are about their files say so.
const ACCOUNT = {
  verb: 'create',
  group: '',
  plural: 'serviceaccounts',
  namespace: 'default',
  body: { metadata: { name: 'default' }, automountServiceAccountToken: false },
} as const;

type Options = Partial<ApiServerOptions> & {
  readonly tokensFor?: (sources: Pick<ApiServerOptions, 'store' | 'world'>) => TokenAuthority;
};

export async function anApiServer({ tokensFor, ...options }: Options = {}): Promise<TestApiServer> {
  await using starting = new AsyncDisposableStack();
  const world = systemWorld();
  const nowMs = world.clock.now();
  const authority = createAuthority(nowMs);
  const admin = issueLeaf(authority, ADMIN_LEAF, nowMs);
  const store = starting.use(await openStore({ engine: memoryEngine(), world }));
  const server = starting.use(
    await startApiServer({
      store,
      world,
      kinds: KINDS,
      serviceCidr: '198.18.64.0/20',
      listen: { host: '127.0.0.1', port: 0 },
      tls: { ...issueLeaf(authority, serverLeaf(['127.0.0.1']), nowMs), clientAuthority: authority.certificate },
      agentTls: () => ({ authority: authority.certificate, client: admin }),
      log: silentLogger(),
      advertisedAddresses: ['198.18.0.1'],
      ...(tokensFor === undefined ? {} : { tokens: tokensFor({ store, world }) }),
      ...options,
    }),
  );
  const asked = { version: 'v1', options: {}, signal: new AbortController().signal } as const;
  await server.handle({ ...asked, ...ACCOUNT, user: { name: 'test', groups: ['system:masters'] } });
  const { port } = server.address;
  const credentials = (as: Ask['as'] = admin) => ({
    ca: authority.certificate,
    ...(as === 'anonymous' ? {} : { cert: as.certificate, key: as.key }),
  });
  const session = (as?: Ask['as']): ClientHttp2Session => {
    const opened = connectHttp2(`https://127.0.0.1:${port}`, credentials(as));
    opened.on('error', () => undefined);
    tapRequests(opened, watches);
    return opened;
  };
  const watches = watchTap();
  const running = starting.move();
  return {
    server,
    store,
    authority,
    admin,
    certificateFor: (leaf) => issueLeaf(authority, leaf, nowMs),
    ask: (path, ask = {}) => askHttp1({ host: '127.0.0.1', port, path, ...credentials(ask.as) }, { ...ask, watches }),
    async ask2(path, ask = {}) {
      const opened = session(ask.as);
      try {
        return await askHttp2(opened, path, ask);
      } finally {
        opened.close();
      }
    },
    session,
    socket: (as) => connectTls({ host: '127.0.0.1', port, ...credentials(as), ALPNProtocols: ['http/1.1'] }),
    async [Symbol.asyncDispose]() {
      await running.disposeAsync();
      watches.finish();
    },
  };
}

type Connection = { readonly host: string; readonly port: number; readonly path: string; readonly ca: string };

type Watching = Ask & { readonly watches: WatchTap };

function askHttp1(connection: Connection, { method = 'GET', headers = {}, body, watches }: Watching): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // Node sends the body of a DELETE without saying how long it is.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = requestHttp1(
    { ...connection, method, headers: { ...length, ...headers }, agent: false },
    (incoming) => {
      watches.tap(connection.path, incoming, () => incoming.headers['content-type']);
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: bytes.toString(), bytes });
      });
      incoming.on('error', reject);
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

/** Has every watch of a session looked at. */
function tapRequests(session: ClientHttp2Session, watches: WatchTap): void {
  const request = session.request.bind(session);
  session.request = (headers, options) => {
    const stream = request(headers, options);
    let contentType: string | undefined;
    stream.on('response', (fields) => (contentType = fields['content-type']));
    watches.tap(String(new Map(Object.entries(headers ?? {})).get(':path') ?? ''), stream, () => contentType);
    return stream;
  };
}

export function askHttp2(
  session: ClientHttp2Session,
  path: string,
  { method = 'GET', headers = {}, body }: Ask,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const stream = session.request({ ':method': method, ':path': path, ...headers });
  let answered: IncomingHttpHeaders & { readonly ':status'?: number | undefined } = {};
  const chunks: Buffer[] = [];
  stream.on('response', (fields) => (answered = fields));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    const bytes = Buffer.concat(chunks);
    resolve({ status: answered[':status'] ?? 0, headers: answered, text: bytes.toString(), bytes });
  });
  stream.on('error', reject);
  stream.end(body);
  return promise;
}
