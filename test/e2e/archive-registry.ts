/** A registry on the loopback that serves the image of one OCI archive under any name, to those who know the password. */
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type ArchiveRegistry = {
  /** `127.0.0.1:port`, which is also the first part of its images' names. */
  readonly address: string;
  close(): void;
};

export const REGISTRY_USER = { username: 'reader', password: 'open sesame' };
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

/** Everything under `private/` asks for the password; every tag but `latest` is unknown. */
export async function startArchiveRegistry(archivePath: string, folder: string): Promise<ArchiveRegistry> {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xf', archivePath, '-C', folder]);
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
  const latest = index.manifests[0]?.digest ?? '';
  const server = createServer((request, response) => answer(request, response, { folder, latest }));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, latest }: { folder: string; latest: string },
): void {
  const path = request.url ?? '';
  const wanted = `Basic ${Buffer.from(`${REGISTRY_USER.username}:${REGISTRY_USER.password}`).toString('base64')}`;
  if (path.includes('/private/') && request.headers.authorization !== wanted) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
    return;
  }
  const [, kind, reference] = /\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
  const digest = reference === 'latest' ? latest : reference;
  if (digest === undefined || !digest.startsWith('sha256:')) {
    response.writeHead(path === '/v2/' ? 200 : 404).end();
    return;
  }
  const file = join(folder, 'blobs', digest.replace(':', '/'));
  const type = kind === 'manifests' ? MANIFEST_TYPE : 'application/octet-stream';
  response.writeHead(200, {
    'content-type': type,
    'content-length': readFileSync(file).length,
    'docker-content-digest': digest,
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}
