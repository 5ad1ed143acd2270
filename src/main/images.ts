/** Makes images present on a cluster's node without a registry: from recipes, or from archives. */
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Cluster, ImageRequest } from '#cli/composition';
import { CommandError } from '#cli/exit';
import { buildImage } from '#node/images/build-image';
import { findRecipe, loadRecipes } from '#node/images/load-recipes';
import { containerdFile } from '#node/runtime/cri/containerd-config';
import { findContainerd } from '#node/runtime/cri/containerd';
import { type CriRuntime, openCriRuntime } from '#node/runtime/cri/cri-runtime';
import type { Runtime } from '#node/runtime/runtime';
import { containerdSettings, imageCacheDir } from './node-paths.ts';

type Tools = { readonly world: World; readonly logger: Logger };

export async function buildImages(
  cluster: Cluster,
  { wanted, onStep, signal }: ImageRequest,
  tools: Tools,
): Promise<readonly string[]> {
  const recipes = await loadRecipes();
  const known = recipes.flatMap(({ names }) => names);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new CommandError(2, `No recipe for ${unknown.join(', ')}: there are ${known.join(', ')}`);
  using runtime = await openRuntime(cluster, tools);
  const names: string[] = [];
  for (const name of wanted.length === 0 ? known : wanted) {
    if (names.includes(name)) continue;
    onStep(`Building ${name}`);
    names.push(...(await buildOnto(runtime, name, { cacheDir: imageCacheDir(cluster), signal })));
  }
  return names;
}

export async function importImages(
  cluster: Cluster,
  { wanted, onStep, signal }: ImageRequest,
  tools: Tools,
): Promise<readonly string[]> {
  using runtime = await openRuntime(cluster, tools);
  const names: string[] = [];
  for (const archive of wanted) {
    onStep(`Importing ${archive}`);
    names.push(...(await runtime.importImages(archive, signal)));
  }
  return names;
}

/** Builds and imports `name` unless the node has it. */
export async function ensureImage(
  runtime: Runtime,
  name: string,
  options: { cacheDir: string; signal: AbortSignal },
): Promise<void> {
  if ((await runtime.imageStatus(name, options.signal)) !== undefined) return;
  await buildOnto(runtime, name, options);
}

async function buildOnto(
  runtime: Runtime,
  name: string,
  options: { cacheDir: string; signal: AbortSignal },
): Promise<readonly string[]> {
  const recipe = findRecipe(await loadRecipes(), name);
  if (recipe === undefined) throw new TypeError(`Cannot build ${name}: it has no recipe`);
  const { archivePath } = await buildImage(recipe, options);
  return await runtime.importImages(archivePath, options.signal);
}

async function openRuntime(cluster: Cluster, { world, logger }: Tools): Promise<CriRuntime> {
  const { paths } = containerdSettings(cluster);
  if ((await findContainerd(containerdFile(paths, 'config'))) === undefined) {
    throw new CommandError(3, `No containers run in ${cluster.dir.path}: start the cluster with "tutti up" first`);
  }
  return openCriRuntime({
    socketPath: containerdFile(paths, 'socket'),
    execDir: containerdFile(paths, 'exec'),
    world,
    log: logger,
  });
}
