/** Lays out the one layer of an image from its recipe and the files taken for it. Pure. */
import { posix } from 'node:path';
import { mergedPath, type ImageFiles } from './collect-files.ts';
import type { ImageRecipe } from './recipe.ts';
import type { TarEntry } from './tar.ts';

/** The layer's entries sorted by name, so that every directory comes before what it holds. */
export function planLayer(recipe: ImageRecipe, taken: ImageFiles): readonly TarEntry[] {
  const wanted: readonly TarEntry[] = [
    ...recipe.directories.map(({ path, mode }) => ({ type: 'directory' as const, name: nameOf(path), mode })),
    ...recipe.files.map(({ path, mode, text }) => ({
      type: 'file' as const,
      name: nameOf(path),
      mode,
      content: Buffer.from(text),
    })),
    ...recipe.links.flatMap(({ target, directory, names }) =>
      names.map((name) => ({ type: 'symlink' as const, name: nameOf(posix.join(directory, name)), target })),
    ),
  ];
  // The recipe's own entries come last and so replace what a package ships at the same place.
  const entries = new Map([...taken.values(), ...wanted].map((entry) => [entry.name, entry]));
  for (const name of entries.keys()) addParents(entries, name);
  return [...entries.values(), ...mergeLinks(entries)].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function nameOf(path: string): string {
  return mergedPath(path).slice(1);
}

function addParents(entries: Map<string, TarEntry>, name: string): void {
  const parent = posix.dirname(name);
  if (parent === '.' || entries.has(parent)) return;
  entries.set(parent, { type: 'directory', name: parent, mode: 0o755 });
  addParents(entries, parent);
}

/** `/bin` and the like, as links into /usr, where the image has such a directory. */
function mergeLinks(entries: ReadonlyMap<string, TarEntry>): readonly TarEntry[] {
  return ['bin', 'sbin', 'lib', 'lib64']
    .filter((name) => entries.has(`usr/${name}`))
    .map((name) => ({ type: 'symlink', name, target: `usr/${name}` }));
}
