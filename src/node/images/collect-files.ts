/** Collects chosen paths from a directory tree, with the shared libraries and link targets they need. */
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import { decodeElfNeeds, type ElfNeeds } from './elf.ts';
import { ImageBuildError } from './errors.ts';
import type { TarEntry } from './tar.ts';

/** Entries by their path in the image, which starts with a slash. */
export type ImageFiles = Map<string, TarEntry>;

const TRIPLETS: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** What the loader searches on Debian; libraries with a search path of their own are not supported. */
const LIBRARY_DIRECTORIES = [`/usr/lib/${TRIPLETS[process.arch] ?? process.arch}`, '/usr/lib', '/usr/lib64'];

/** The entries for `paths` and, transitively, for everything their programs load and their links point to. */
export async function collectFiles(root: string, paths: readonly string[]): Promise<ImageFiles> {
  const found: ImageFiles = new Map();
  const waiting = paths.map(mergedPath);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (!found.has(path)) waiting.push(...(await collectOne(root, path, found)));
  }
  return found;
}

/**
 * Where a path lies once /bin, /sbin, /lib and /lib64 are links into /usr, as on every current Debian.
 * Packages still ship files under both names; images get one of them.
 */
export function mergedPath(path: string): string {
  const clean = posix.normalize(path);
  return /^\/(bin|sbin|lib|lib64)(\/|$)/.test(clean) ? `/usr${clean}` : clean;
}

/** Adds one path to `found` and answers with the further paths it needs. */
async function collectOne(root: string, path: string, found: ImageFiles): Promise<readonly string[]> {
  const source = await locate(root, path);
  if (source === undefined) throw new ImageBuildError('File', `Cannot take "${path}" from ${root}: no such file`);
  const name = path.slice(1);
  const status = await lstat(source);
  const mode = status.mode & 0o7777;
  if (status.isSymbolicLink()) {
    const target = await readlink(source);
    const resolved = mergedPath(posix.resolve('/', relative(root, dirname(source)), target));
    // A bare file name stays right wherever the directory moves; everything else is made absolute.
    found.set(path, { type: 'symlink', name, target: target.includes('/') ? resolved : target });
    return [resolved];
  }
  if (status.isDirectory()) {
    found.set(path, { type: 'directory', name, mode });
    return (await readdir(source)).map((child) => posix.join(path, child));
  }
  if (!status.isFile()) return []; // sockets, pipes and devices have no place in a package
  const content = await readFile(source);
  found.set(path, { type: 'file', name, mode, content });
  const needs = decodeElfNeeds(content);
  return needs === undefined ? [] : locateNeeds(root, needs);
}

async function locateNeeds(root: string, needs: ElfNeeds): Promise<readonly string[]> {
  const libraries = await Promise.all(needs.libraries.map((library) => locateLibrary(root, library)));
  return needs.interpreter === undefined ? libraries : [mergedPath(needs.interpreter), ...libraries];
}

async function locateLibrary(root: string, library: string): Promise<string> {
  for (const directory of LIBRARY_DIRECTORIES) {
    const path = posix.join(directory, library);
    if ((await locate(root, path)) !== undefined) return path;
  }
  throw new ImageBuildError('File', `Cannot find the shared library "${library}" in ${root}`);
}

/** The file on disk that a merged path means: under /usr, or where an older package still puts it. */
async function locate(root: string, path: string): Promise<string | undefined> {
  const candidates = [path, path.replace(/^\/usr(?=\/(bin|sbin|lib|lib64)(\/|$))/, '')];
  for (const candidate of candidates) {
    const source = join(root, candidate);
    const present = await lstat(source).then(
      () => true,
      () => false,
    );
    if (present) return source;
  }
  return undefined;
}
