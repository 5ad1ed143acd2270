/** Tests of how a layer is laid out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planLayer } from './plan-layer.ts';
import { decodeRecipes, type ImageRecipe } from './recipe.ts';
import type { TarEntry } from './tar.ts';

test('[IMG12] parents come first and system directories are links into /usr', () => {
  const recipe = aRecipe(`
links: [{ target: busybox, directory: /bin, names: sh }]
files: [{ path: /srv/www/page, text: hi }]
`);
  const program: TarEntry = { type: 'file', name: 'usr/bin/busybox', mode: 0o755, content: Buffer.from('') };
  assert.deepEqual(planLayer(recipe, new Map([['/usr/bin/busybox', program]])), [
    { type: 'symlink', name: 'bin', target: 'usr/bin' },
    { type: 'directory', name: 'srv', mode: 0o755 },
    { type: 'directory', name: 'srv/www', mode: 0o755 },
    { type: 'file', name: 'srv/www/page', mode: 0o644, content: Buffer.from('hi') },
    { type: 'directory', name: 'usr', mode: 0o755 },
    { type: 'directory', name: 'usr/bin', mode: 0o755 },
    program,
    { type: 'symlink', name: 'usr/bin/sh', target: 'busybox' },
  ]);
});

test("[IMG12] the recipe's own file replaces the one taken", () => {
  const recipe = aRecipe("files: [{ path: /conf, mode: '0600', text: ours }]");
  const taken: TarEntry = { type: 'file', name: 'conf', mode: 0o644, content: Buffer.from('theirs') };
  assert.deepEqual(planLayer(recipe, new Map([['/conf', taken]])), [
    { type: 'file', name: 'conf', mode: 0o600, content: Buffer.from('ours') },
  ]);
});

function aRecipe(text: string): ImageRecipe {
  const [recipe] = decodeRecipes(`variants: [{ names: [docker.io/library/x:1] }]\n${text}`, 'test.yaml');
  assert.ok(recipe !== undefined);
  return recipe;
}
