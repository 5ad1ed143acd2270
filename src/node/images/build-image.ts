/** Builds an image archive from its recipe, or hands out the one built before from the same ingredients. */
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { collectFiles, type ImageFiles } from './collect-files.ts';
import { refreshPackageLists, resolvePackages, unpackPackages, type PackageOptions } from './debian-packages.ts';
import { ImageBuildError } from './errors.ts';
import { readTextIfPresent, writeAtomically } from './files.ts';
import { encodeOciArchive } from './oci-archive.ts';
import { planLayer } from './plan-layer.ts';
import type { ImageRecipe } from './recipe.ts';
import type { TarEntry } from './tar.ts';

export type BuildOptions = {
  /** Kept between builds and safe to share between processes; anything in it may be deleted. */
  readonly cacheDir: string;
  /** Called with a short line whenever something slow begins or ends. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
};

export type BuiltImage = {
  /** An OCI archive for `ctr image import` or containerd's transfer service. */
  readonly archivePath: string;
  readonly names: readonly string[];
  /** Digest of the image manifest. */
  readonly digest: string;
};

// Raised whenever the same ingredients give other bytes than before.
const BUILDER_VERSION = 1;
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

/** Where the taken files come from, and what they are, so far as that decides the result. */
type Ingredients = {
  readonly identity: readonly string[];
  readonly collect: () => Promise<ImageFiles>;
};

/** Package lists that are empty or older than the archive are refreshed once, where that is allowed. */
export async function buildImage(recipe: ImageRecipe, options: BuildOptions): Promise<BuiltImage> {
  const { cacheDir, onProgress = () => undefined, signal } = options;
  const onStep = (message: string): void => onProgress(`${recipe.names[0] ?? 'image'}: ${message}`);
  const sources: PackageOptions = { cacheDir, onProgress: onStep, ...(signal === undefined ? {} : { signal }) };
  try {
    return await buildOnce(recipe, sources);
  } catch (error) {
    const isPackageTrouble = error instanceof ImageBuildError && error.reason === 'Packages';
    if (!isPackageTrouble || process.getuid?.() !== 0) throw error;
    await refreshPackageLists(sources);
    return buildOnce(recipe, sources);
  }
}

async function buildOnce(recipe: ImageRecipe, options: PackageOptions): Promise<BuiltImage> {
  const ingredients = (await takeFromMachine(recipe)) ?? (await takeFromPackages(recipe, options));
  const directory = join(options.cacheDir, 'archives');
  const archivePath = join(directory, `${archiveName(recipe, ingredients)}.tar`);
  const kept = await readTextIfPresent(`${archivePath}.digest`);
  if (kept !== undefined && (await exists(archivePath))) return { archivePath, names: recipe.names, digest: kept };
  options.signal?.throwIfAborted();
  const layer = planLayer(recipe, await ingredients.collect());
  const { digest, bytes } = encodeOciArchive({
    names: recipe.names,
    architecture: ARCHITECTURE,
    config: recipe.config,
    layer,
  });
  await mkdir(directory, { recursive: true });
  await writeAtomically(archivePath, bytes);
  await writeAtomically(`${archivePath}.digest`, Buffer.from(digest)); // last: its presence says the archive is whole
  options.onProgress(`built, ${(bytes.length / 1e6).toFixed(1)} MB`);
  return { archivePath, names: recipe.names, digest };
}

/** The files as this machine has them; undefined when the recipe wants packages or one of them is missing here. */
async function takeFromMachine(recipe: ImageRecipe): Promise<Ingredients | undefined> {
  if (recipe.take.length > 0 && recipe.prefer === 'packages') return undefined;
  try {
    const files = await collectFiles('/', recipe.take);
    return { identity: [...files.values()].map(identify), collect: async () => files };
  } catch (error) {
    if (error instanceof ImageBuildError && error.reason === 'File') return undefined;
    throw error;
  }
}

async function takeFromPackages(recipe: ImageRecipe, options: PackageOptions): Promise<Ingredients> {
  const resolved = await resolvePackages(recipe.packages, options);
  return {
    identity: resolved,
    collect: async () => collectFiles(await unpackPackages(recipe.packages, resolved, options), recipe.take),
  };
}

function archiveName(recipe: ImageRecipe, { identity }: Ingredients): string {
  const label = (recipe.names[0] ?? 'image').replaceAll(/[^a-z0-9.]+/gi, '-');
  const parts = JSON.stringify({ BUILDER_VERSION, ARCHITECTURE, recipe, identity });
  return `${label}-${sha256(parts).slice(0, 32)}`;
}

function identify(entry: TarEntry): string {
  const { name, type } = entry;
  if (type === 'symlink') return `${name} -> ${entry.target}`;
  return type === 'directory' ? `${name}/ ${entry.mode}` : `${name} ${entry.mode} ${sha256(entry.content)}`;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
