/** Tests of the OCI image layout: every promise of the index is kept by a blob. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { encodeOciArchive, type OciImage } from './oci-archive.ts';
import { encodeTar, type TarEntry } from './tar.ts';

const LAYER: readonly TarEntry[] = [{ type: 'file', name: 'hello', mode: 0o644, content: Buffer.from('hello') }];
const IMAGE: OciImage = {
  names: ['docker.io/library/x:1', 'docker.io/library/x:latest'],
  architecture: 'amd64',
  layer: LAYER,
  config: {
    entrypoint: ['/init'],
    command: [],
    environment: { PATH: '/bin', COLOUR: 'red' },
    labels: { kind: 'test' },
    exposedPorts: ['80/tcp'],
    workingDirectory: '/work',
    user: '1:2',
    stopSignal: 'SIGQUIT',
  },
};

test('[IMG11] the index names one manifest for each image name', () => {
  const { digest, bytes } = encodeOciArchive(IMAGE);
  const members = readTar(bytes);
  assert.deepEqual(json(members, 'oci-layout'), { imageLayoutVersion: '1.0.0' });
  const entry = (name: string, tag: string): unknown => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: members.get(blobPath(digest))?.length,
    platform: { architecture: 'amd64', os: 'linux' },
    annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': tag },
  });
  assert.deepEqual(json(members, 'index.json')['manifests'], [
    entry('docker.io/library/x:1', '1'),
    entry('docker.io/library/x:latest', 'latest'),
  ]);
});

test('[IMG11] manifest, configuration and layer lie under their digests', () => {
  const { digest, bytes } = encodeOciArchive(IMAGE);
  const members = readTar(bytes);
  const blobs = [...members].filter(([name]) => name.startsWith('blobs/sha256/') && !name.endsWith('/'));
  assert.deepEqual(
    blobs.map(([name]) => name),
    blobs.map(([, content]) => blobPath(digestOf(content))),
  );
  const manifest = json(members, blobPath(digest)) as { config: { digest: string }; layers: { digest: string }[] };
  const layer = members.get(blobPath(manifest.layers[0]?.digest ?? ''));
  assert.deepEqual(layer, encodeTar(LAYER));
  const config = json(members, blobPath(manifest.config.digest));
  assert.deepEqual(config['rootfs'], { type: 'layers', diff_ids: [manifest.layers[0]?.digest] });
});

test('[IMG11] the configuration carries what the recipe says', () => {
  const { digest, bytes } = encodeOciArchive(IMAGE);
  const members = readTar(bytes);
  const manifest = json(members, blobPath(digest)) as { config: { digest: string } };
  const config = json(members, blobPath(manifest.config.digest));
  assert.deepEqual(config['config'], {
    User: '1:2',
    ExposedPorts: { '80/tcp': {} },
    Env: ['PATH=/bin', 'COLOUR=red'],
    Entrypoint: ['/init'],
    WorkingDir: '/work',
    Labels: { kind: 'test' },
    StopSignal: 'SIGQUIT',
  });
});

function readTar(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const members = new Map<string, Buffer>();
  for (let at = 0; bytes[at] !== 0;) {
    const name = bytes.toString('utf8', at, bytes.indexOf(0, at));
    const size = Number.parseInt(bytes.toString('utf8', at + 124, at + 135), 8);
    members.set(name, bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

function json(members: ReadonlyMap<string, Buffer>, name: string): Record<string, unknown> {
  return JSON.parse(members.get(name)?.toString() ?? 'null') as Record<string, unknown>;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
