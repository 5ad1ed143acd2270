/** Runs the benchmarks that start containers inside a network namespace of their own, so that they change nothing outside it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onAbort } from '#base/abort';
import { buildImage } from '#node/images/build-image';
import { findRecipe, loadRecipes } from '#node/images/load-recipes';
import { BUSYBOX_IMAGE, PAUSE_IMAGE } from '#test/e2e/containerd-fixture';
import type { BenchContext } from './suite.ts';

const run = promisify(execFile);

const INSIDE = 'TUTTI_BENCH_NAMESPACE';

/** Shared with the end-to-end tests. */
const IMAGE_CACHE = join(tmpdir(), 'tutti-test-images');

/** An address the namespace has, from the range for tests (RFC 2544): what a node takes as its own. */
const ADDRESS = '198.18.255.1/30';

/**
 * Runs this program again with the same arguments in a new namespace, and resolves with its exit code;
 * undefined when it runs in one already, or may not make one.
 */
export async function runInNamespace(
  given: readonly string[],
  { progress, signal }: Pick<BenchContext, 'progress' | 'signal'>,
): Promise<number | undefined> {
  if (isInside() || process.getuid?.() !== 0) return undefined;
  const name = `tutti-bench-${process.pid}`;
  const ip = (...words: readonly string[]) => run('ip', words);
  await prepareImages(progress);
  progress(`making network namespace ${name}`);
  await ip('netns', 'add', name);
  try {
    const inside = (...words: readonly string[]) => ip('-n', name, ...words);
    await inside('link', 'set', 'lo', 'up');
    // A pair of which both ends stay inside: an interface with a carrier that leads nowhere.
    await inside('link', 'add', 'bench0', 'type', 'veth', 'peer', 'name', 'bench1');
    await inside('address', 'add', ADDRESS, 'dev', 'bench0');
    await inside('link', 'set', 'bench0', 'up');
    await inside('link', 'set', 'bench1', 'up');
    await inside('route', 'add', 'default', 'dev', 'bench0');
    return await runAgain(name, given, signal);
  } finally {
    await ip('netns', 'delete', name);
  }
}

export const isInside = (): boolean => process.env[INSIDE] !== undefined;

/** Inside, no package can be downloaded any more. */
async function prepareImages(progress: (text: string) => void): Promise<void> {
  const recipes = await loadRecipes();
  for (const name of [PAUSE_IMAGE, BUSYBOX_IMAGE]) {
    const recipe = findRecipe(recipes, name);
    if (recipe === undefined) throw new Error(`Cannot build image "${name}": it has no recipe`);
    await buildImage(recipe, { cacheDir: IMAGE_CACHE, onProgress: progress });
  }
}

/** Not `ip netns exec`, which mounts a /sys without the cgroups. */
async function runAgain(name: string, given: readonly string[], signal: AbortSignal): Promise<number> {
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...given];
  const child = spawn('nsenter', [`--net=/run/netns/${name}`, ...program], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: name, TUTTI_IMAGE_CACHE: IMAGE_CACHE },
  });
  // It removes what it has started; the namespace goes only after that.
  using _ending = onAbort(signal, () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
