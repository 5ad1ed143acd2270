/** Finds the recipes that ship with Tutti. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeRecipes, type ImageRecipe } from './recipe.ts';

const SHIPPED = fileURLToPath(new URL('../../../images/', import.meta.url));

/** Every recipe in the directory, which is the `images/` folder of this installation unless said otherwise. */
export async function loadRecipes(directory: string = SHIPPED): Promise<readonly ImageRecipe[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).toSorted();
  const recipes = await Promise.all(
    names.map(async (name) => decodeRecipes(await readFile(join(directory, name), 'utf8'), name)),
  );
  return recipes.flat();
}

/** The recipe for a full image name such as `docker.io/library/nginx:1.20`. */
export function findRecipe(recipes: readonly ImageRecipe[], image: string): ImageRecipe | undefined {
  return recipes.find((recipe) => recipe.names.includes(image));
}
