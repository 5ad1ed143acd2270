/** Tests of the recipes that ship. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRecipe, loadRecipes } from './load-recipes.ts';

const SHIPPED = [
  'docker.io/library/busybox:1.36',
  'docker.io/library/busybox:latest',
  'docker.io/library/nginx:1.20',
  'docker.io/library/nginx:1.22',
  'docker.io/library/nginx:latest',
  'tutti.local/demo:1',
  'tutti.local/pause:1',
];

test('[IMG3] the shipped recipes are valid and share no name', async () => {
  const recipes = await loadRecipes();
  assert.deepEqual(recipes.flatMap((recipe) => recipe.names).toSorted(), SHIPPED);
});

test('[IMG3] a recipe is found by its full name only', async () => {
  const recipes = await loadRecipes();
  assert.deepEqual(findRecipe(recipes, 'docker.io/library/nginx:1.20')?.config.environment['NGINX_VERSION'], '1.20');
  assert.equal(findRecipe(recipes, 'nginx:1.20'), undefined);
});
