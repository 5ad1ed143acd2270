/** Decides whether one file may import another: the layer table applied to a path and an import's text. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { LAYER_TABLE, type LayerRow, ROOTS } from './layer-table.ts';

const BUILT_IN = new Set(builtinModules);

/** The row that a file of the project belongs to, told by its path from the project's root. */
export function layerRow(file: string): LayerRow | undefined {
  return LAYER_TABLE.find((row) => row.files.test(file));
}

/** A type is erased before anything runs, so inside one layer it may come from anywhere. */
export type ImportKind = 'value' | 'type';

/** Why `file` must not import `specifier`, or undefined when it may. */
export function refuseImport(file: string, specifier: string, kind: ImportKind = 'value'): string | undefined {
  const row = layerRow(file);
  if (row === undefined) {
    return file.startsWith('src/') ? `Cannot place ${file}: no row of tools/lint/layer-table.ts matches it` : undefined;
  }
  if (specifier.startsWith('#')) return refuseLayer(row, file, specifier);
  if (specifier.startsWith('.')) return refuseRelative({ row, file, kind }, specifier);
  return isTest(file) ? undefined : refusePackage(row, specifier);
}

export function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}

function refuseLayer(row: LayerRow, file: string, specifier: string): string | undefined {
  const target = specifier.slice(1);
  if (layerOf(file) === firstPart(target)) {
    return `Cannot import ${specifier} from its own layer: write a relative import, a # means that a layer is crossed`;
  }
  return refuseTarget(row, file, target);
}

type Importer = { readonly row: LayerRow; readonly file: string; readonly kind: ImportKind };

function refuseRelative({ row, file, kind }: Importer, specifier: string): string | undefined {
  const path = posix.join(posix.dirname(file), specifier);
  const target = path.replace(/^src\//, '').replace(/\.ts$/, '');
  if (layerOf(file) === firstPart(target)) return kind === 'type' ? undefined : refuseWithin(row, file, path);
  return refuseTarget(row, file, target) ?? crossing(target);
}

function crossing(target: string): string | undefined {
  return ROOTS.has(firstPart(target)) && firstPart(target) !== 'test'
    ? undefined
    : `Cannot cross layers by a relative path: import #${target}`;
}

// Inside one layer everything may be imported, except that what only decides must not reach what acts.
function refuseWithin(row: LayerRow, file: string, path: string): string | undefined {
  const sameFolder = posix.dirname(file) === posix.dirname(path) && !/(^|[-/])controller\.ts$/.test(path);
  if (row.pure === undefined || sameFolder || isTest(file)) return undefined;
  if (layerRow(path)?.pure === true) return undefined;
  return `Cannot import ${path} from ${row.layer}: it only decides, and may import base, api and pure neighbours`;
}

function refuseTarget(row: LayerRow, file: string, target: string): string | undefined {
  const allowed = [...row.layers, ...(isTest(file) ? ['test'] : [])];
  if (ROOTS.has(row.layer) && firstPart(target) !== 'main') return undefined;
  if (allowed.some((layer) => target === layer || target.startsWith(`${layer}/`))) {
    return row.pure !== undefined && !isTest(file) ? refuseClock(row, target) : undefined;
  }
  return `Cannot import ${target} from ${row.layer}: allowed layers are ${allowed.join(', ') || 'none'}`;
}

function refuseClock(row: LayerRow, target: string): string | undefined {
  if (!/^base\/(world|virtual-world|ticker)$/.test(target)) return undefined;
  return `Cannot import ${target} from ${row.layer}: it only decides, pass it the time as a number`;
}

function refusePackage(row: LayerRow, specifier: string): string | undefined {
  const name = packageName(specifier);
  const isNode = specifier.startsWith('node:') || BUILT_IN.has(name);
  const allowed = isNode ? row.node : row.npm;
  if (allowed === 'any' || allowed.includes(name)) return undefined;
  const kind = isNode ? 'modules of Node' : 'packages';
  return `Cannot import ${specifier} from ${row.layer}: allowed ${kind} are ${allowed.join(', ') || 'none'}`;
}

function packageName(specifier: string): string {
  const parts = specifier.replace(/^node:/, '').split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function layerOf(file: string): string {
  return firstPart(file.replace(/^src\//, ''));
}

function firstPart(path: string): string {
  return path.split('/')[0] ?? path;
}
