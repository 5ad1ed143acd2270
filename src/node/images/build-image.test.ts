/** Tests of building without packages: what is cached, what an abort leaves, how failures read. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage } from './build-image.ts';
import { runCommand } from './command.ts';
import { decodeRecipes, type ImageRecipe } from './recipe.ts';

test('[IMG30] a second build hands out the first archive', async () => {
  await using cache = await aCache();
  const progress: string[] = [];
  const build = (text: string): ReturnType<typeof buildImage> =>
    buildImage(aRecipe(text), { cacheDir: cache.path, onProgress: (line) => progress.push(line) });
  const first = await build('one');
  assert.deepEqual(await build('one'), first);
  assert.deepEqual(progress, ['docker.io/library/x:1: built, 0.0 MB']);
  const second = await build('two');
  assert.notEqual(second.archivePath, first.archivePath);
  assert.notEqual(second.digest, first.digest);
});

test('[IMG30] two caches get the same bytes', async () => {
  await using left = await aCache();
  await using right = await aCache();
  const archives = await Promise.all(
    [left, right].map(async ({ path }) => readFile((await buildImage(aRecipe('one'), { cacheDir: path })).archivePath)),
  );
  assert.deepEqual(archives[0], archives[1]);
});

test('[IMG31] an aborted build rejects and leaves no archive', async () => {
  await using cache = await aCache();
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(buildImage(aRecipe('one'), { cacheDir: cache.path, signal }), /enough/);
  assert.deepEqual(await readdir(cache.path), []);
});

test('[IMG33] programs of this machine need no package', async () => {
  await using cache = await aCache();
  const recipe: ImageRecipe = {
    ...aRecipe('one'),
    prefer: 'machine',
    take: ['/bin/cat'],
    packages: ['no-such-package'],
  };
  const { archivePath } = await buildImage(recipe, { cacheDir: cache.path });
  assert.ok(archivePath.startsWith(cache.path));
  assert.deepEqual(await readdir(cache.path), ['archives']);
});

test('[IMG32] a missing tool is said to be missing', async () => {
  await assert.rejects(runCommand('no-such-tool', [], undefined), {
    reason: 'Packages',
    message: 'Cannot run no-such-tool: not installed, expected a Debian or Ubuntu machine',
  });
});

test('[IMG32] a failing tool is quoted', async () => {
  await assert.rejects(runCommand('sh', ['-c', 'echo one >&2; echo "E: no such package" >&2; exit 100'], undefined), {
    reason: 'Packages',
    message: 'Cannot run sh: one; E: no such package',
  });
});

function aRecipe(text: string): ImageRecipe {
  const yaml = `variants: [{ names: ['docker.io/library/x:1'] }]\nfiles: [{ path: /page, text: ${text} }]`;
  const [recipe] = decodeRecipes(yaml, 'test.yaml');
  assert.ok(recipe !== undefined);
  return recipe;
}

async function aCache(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tutti-images-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
