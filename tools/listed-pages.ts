/** The text of the project's files, as git lists them: what is committed and what is new, not what is ignored. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Page = { readonly path: string; readonly text: string };

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export function listedPaths(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const paths = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\n');
  return paths.filter((path) => path !== '' && existsSync(`${ROOT}/${path}`));
}

export function listedPages(pattern: RegExp): readonly Page[] {
  return listedPaths()
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: readFileSync(`${ROOT}/${path}`, 'utf8') }));
}
