/** The API over HTTP/2 as a client library sees it: JSON in, JSON out, watches line by line. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { ApiObject } from '#api/object';
import { anApiServer, askHttp2, type TestApiServer } from '../../builders/api-server.ts';

/** Any JSON object that the server answers with; what a test expects in it is for the test to say. */
export type Json = ApiObject & {
  readonly [field: string]: unknown;
  readonly items?: readonly Json[];
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
};

export type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Json };

export type Told = { readonly type: string; readonly object: Json };

export type Watching = {
  /** Everything told up to the first event that `last` accepts. */
  until(last: (event: Told) => boolean): Promise<readonly Told[]>;
  end(): void;
};

export type PatchForm = 'json' | 'merge' | 'strategic-merge' | 'apply';

export type Wire = AsyncDisposable & {
  readonly server: TestApiServer;
  /** The answer to a request such as `GET /api`, whatever it is. */
  ask(request: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  get(path: string, accept?: string): Promise<Json>;
  post(path: string, body: unknown): Promise<Json>;
  put(path: string, body: unknown): Promise<Json>;
  patch(path: string, form: PatchForm, body: unknown): Promise<Json>;
  delete(path: string, body?: unknown): Promise<Json>;
  /** What the refusal says. */
  refused(code: number, ...request: Parameters<Wire['ask']>): Promise<string>;
  watch(path: string): Promise<Watching>;
};

const contentType = (form: PatchForm): string =>
  form === 'apply' ? 'application/apply-patch+yaml' : `application/${form}-patch+json`;

/** A server of the test's own. */
export async function aWire(options: Parameters<typeof anApiServer>[0] = {}): Promise<Wire> {
  const server = await anApiServer(options);
  const session = server.session();
  const ask: Wire['ask'] = async (request, body, headers = {}) => {
    const [method = '', path = ''] = request.split(' ');
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const {
      status,
      headers: answered,
      text,
    } = await askHttp2(session, path, { method, headers: { ...type, ...headers }, ...sent });
    return { status, headers: answered, body: parse(text) };
  };
  const well = async (...request: Parameters<Wire['ask']>): Promise<Json> => {
    const { status, body } = await ask(...request);
    assert.ok(status >= 200 && status < 300, `${request[0]}: ${status} ${body.message ?? ''}`);
    return body;
  };
  return {
    server,
    ask,
    get: (path, accept) => well(`GET ${path}`, undefined, accept === undefined ? {} : { accept }),
    post: (path, body) => well(`POST ${path}`, body),
    put: (path, body) => well(`PUT ${path}`, body),
    patch: (path, form, body) => well(`PATCH ${path}`, body, { 'content-type': contentType(form) }),
    delete: (path, body) => well(`DELETE ${path}`, body),
    async refused(code, ...request) {
      const { status, body } = await ask(...request);
      assert.equal(status, code, `${request[0]}: ${status} ${body.message ?? ''}`);
      return body.message ?? '';
    },
    watch: async (path) => watching(await openWatch(session, path)),
    async [Symbol.asyncDispose]() {
      session.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Some answers are for people: the test that expects them looks at the text.
    return { message: text } as unknown as Json;
  }
}

async function openWatch(session: ClientHttp2Session, path: string): Promise<ClientHttp2Stream> {
  const stream = session.request({ ':path': `${path}${path.includes('?') ? '&' : '?'}watch=true` });
  stream.setEncoding('utf8');
  const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
  assert.equal(headers[':status'], 200, `watch ${path}`);
  return stream;
}

// Keeps a failing test from hanging; it is no expectation of speed.
const BOUND_MS = 20_000;
const textOf = ({ type, object }: Told): string => `${type} ${object.metadata.name}@${object.metadata.resourceVersion}`;

function watching(stream: ClientHttp2Stream): Watching {
  const told: Told[] = [];
  let rest = '';
  const arrived = new EventTarget();
  stream.on('error', () => undefined);
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    told.push(...lines.map((line) => JSON.parse(line) as Told));
    arrived.dispatchEvent(new Event('more'));
  });
  return {
    async until(last) {
      const giveUp = AbortSignal.timeout(BOUND_MS);
      for (;;) {
        const at = told.findIndex(last);
        if (at >= 0) return told.slice(0, at + 1);
        assert.ok(!stream.closed, 'the watch ended early');
        await once(arrived, 'more', { signal: giveUp }).catch((cause: unknown) => {
          throw new Error(`the event did not come; told was ${JSON.stringify(told.map(textOf))}`, { cause });
        });
      }
    },
    end: () => stream.close(),
  };
}
