/** Turns one filesystem layer and a configuration into an OCI image archive. Pure. */
import { createHash } from 'node:crypto';
import { encodeTar, type TarEntry } from './tar.ts';

/** How containers of the image start, as the OCI image configuration writes it. */
export type ImageConfig = {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
  readonly stopSignal: string;
};

export type OciImage = {
  /** Full names, each `registry/path:tag`; every one of them is created by an import. */
  readonly names: readonly string[];
  readonly architecture: string;
  readonly config: ImageConfig;
  readonly layer: readonly TarEntry[];
};

export type OciArchive = {
  /** Digest of the manifest, what container runtimes call the image's digest. */
  readonly digest: string;
  readonly bytes: Buffer;
};

type Blob = { readonly digest: string; readonly bytes: Buffer };

/** An OCI image layout in a tar, with the annotations from which `ctr image import` takes the names. */
export function encodeOciArchive(image: OciImage): OciArchive {
  const layer = blob(encodeTar(image.layer));
  const config = jsonBlob({
    created: CREATED,
    architecture: image.architecture,
    os: 'linux',
    config: runtimeConfig(image.config),
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created: CREATED, created_by: 'tutti image recipe' }],
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    // Not compressed: the archive stays on this machine, and the import is several times faster.
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: image.names.map((name) => ({
      ...descriptor(MANIFEST_TYPE, manifest),
      platform: { architecture: image.architecture, os: 'linux' },
      annotations: {
        'io.containerd.image.name': name,
        'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
      },
    })),
  });
  const bytes = encodeTar([
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    file('index.json', index),
    { type: 'directory', name: 'blobs', mode: 0o755 },
    { type: 'directory', name: 'blobs/sha256', mode: 0o755 },
    ...[manifest, config, layer].map(({ digest, bytes }) => file(`blobs/${digest.replace(':', '/')}`, bytes)),
  ]);
  return { digest: manifest.digest, bytes };
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
// The archive's fixed time (see FIXED_TIME_SECONDS) as the configuration writes times.
const CREATED = '2026-01-01T00:00:00Z';

function runtimeConfig(config: ImageConfig): Record<string, unknown> {
  return {
    User: config.user,
    ExposedPorts: Object.fromEntries(config.exposedPorts.map((port) => [port, {}])),
    Env: Object.entries(config.environment).map(([name, value]) => `${name}=${value}`),
    Entrypoint: config.entrypoint.length > 0 ? config.entrypoint : undefined,
    Cmd: config.command.length > 0 ? config.command : undefined,
    WorkingDir: config.workingDirectory,
    Labels: config.labels,
    StopSignal: config.stopSignal,
  };
}

function descriptor(mediaType: string, { digest, bytes }: Blob): Record<string, unknown> {
  return { mediaType, digest, size: bytes.length };
}

function file(name: string, content: Buffer): TarEntry {
  return { type: 'file', name, mode: 0o644, content };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function jsonBlob(value: unknown): Blob {
  return blob(json(value));
}

function blob(bytes: Buffer): Blob {
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
