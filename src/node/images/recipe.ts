/** The recipe of an image: what a file in `images/` says, checked, one value for each variant. */
import type { ImageConfig } from './oci-archive.ts';
import { parseRecipeText, type Field } from './recipe-field.ts';

export type RecipeFile = { readonly path: string; readonly mode: number; readonly text: string };
export type RecipeDirectory = { readonly path: string; readonly mode: number };
export type RecipeLinks = { readonly target: string; readonly directory: string; readonly names: readonly string[] };

export type ImageRecipe = {
  /** Full image names, each `registry/path:tag`, all for the same image. */
  readonly names: readonly string[];
  /** Debian packages whose files may be taken. */
  readonly packages: readonly string[];
  /** `machine`: take the files from this machine when all are there, and from the packages only otherwise. */
  readonly prefer: 'packages' | 'machine';
  /** Absolute paths to take, directories with all they hold; needed shared libraries follow by themselves. */
  readonly take: readonly string[];
  readonly files: readonly RecipeFile[];
  readonly directories: readonly RecipeDirectory[];
  readonly links: readonly RecipeLinks[];
  readonly config: ImageConfig;
};

/** The recipes of one YAML text; `source` names it in errors. Throws ImageBuildError that names the field. */
export function decodeRecipes(text: string, source: string): readonly ImageRecipe[] {
  const root = parseRecipeText(text, source);
  root.only(['description', 'variants', 'packages', 'prefer', 'take', 'files', 'directories', 'links', 'config']);
  const variants = root.at('variants').items();
  if (variants.length === 0) throw root.at('variants').wrong('a list with at least one variant');
  return variants.map((variant) => {
    variant.only(['names', 'values']);
    const values = variant.at('values').texts();
    const names = variant.at('names').list(imageName);
    if (names.length === 0) throw variant.at('names').wrong('at least one image name');
    return decodeVariant(root.filledWith(values), names);
  });
}

function decodeVariant(root: Field, names: readonly string[]): ImageRecipe {
  const prefer = root.at('prefer').text('packages');
  if (prefer !== 'packages' && prefer !== 'machine') throw root.at('prefer').wrong('"packages" or "machine"');
  const take = root.at('take').list(absolutePath);
  const packages = root.at('packages').list((item) => item.text());
  if (take.length > 0 && packages.length === 0)
    throw root.at('packages').wrong('the Debian packages that hold what "take" names');
  return {
    names,
    packages,
    prefer,
    take,
    files: root.at('files').items().map(decodeFile),
    directories: root.at('directories').items().map(decodeDirectory),
    links: root.at('links').items().map(decodeLinks),
    config: decodeConfig(root.at('config')),
  };
}

function decodeFile(field: Field): RecipeFile {
  field.only(['path', 'mode', 'text']);
  return { path: absolutePath(field.at('path')), mode: mode(field, 0o644), text: field.at('text').text() };
}

function decodeDirectory(field: Field): RecipeDirectory {
  field.only(['path', 'mode']);
  return { path: absolutePath(field.at('path')), mode: mode(field, 0o755) };
}

function decodeLinks(field: Field): RecipeLinks {
  field.only(['target', 'directory', 'names']);
  return {
    target: field.at('target').text(),
    directory: absolutePath(field.at('directory')),
    names: field
      .at('names')
      .text()
      .split(/\s+/)
      .filter((name) => name !== ''),
  };
}

function decodeConfig(field: Field): ImageConfig {
  field.only([
    'entrypoint',
    'command',
    'environment',
    'labels',
    'exposedPorts',
    'workingDirectory',
    'user',
    'stopSignal',
  ]);
  return {
    entrypoint: field.at('entrypoint').list((item) => item.text()),
    command: field.at('command').list((item) => item.text()),
    environment: { PATH: DEFAULT_PATH, ...field.at('environment').texts() },
    labels: field.at('labels').texts(),
    exposedPorts: field.at('exposedPorts').list((item) => item.text()),
    workingDirectory: field.at('workingDirectory').text('/'),
    user: field.at('user').text(''),
    stopSignal: field.at('stopSignal').text('SIGTERM'),
  };
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function absolutePath(field: Field): string {
  const path = field.text();
  if (!path.startsWith('/') || path.split('/').includes('..')) throw field.wrong('an absolute path without ".."');
  return path;
}

// Runtimes store names in full; a short one would never match what a pod asks for.
function imageName(field: Field): string {
  const name = field.text();
  if (!/^[a-z0-9.-]+\.[a-z]+(\/[a-z0-9._-]+)+:[A-Za-z0-9._-]+$/.test(name))
    throw field.wrong('a full image name "registry/path:tag"');
  return name;
}

// YAML 1.2 reads 0755 as seven hundred fifty-five, so modes are written in quotes and read as octal here.
function mode(parent: Field, fallback: number): number {
  const field = parent.at('mode');
  if (field.value === undefined) return fallback;
  if (typeof field.value !== 'string' || !/^[0-7]{3,4}$/.test(field.value))
    throw field.wrong('an octal mode in quotes such as "0755"');
  return Number.parseInt(field.value, 8);
}
