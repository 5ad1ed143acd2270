/** Finds links in Markdown pages that lead to no file or heading of the project. */
import { posix } from 'node:path';
import { listedPages, listedPaths, type Page } from './listed-pages.ts';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const FENCED = /^```[\s\S]*?^```/gm;
const ELSEWHERE = /^[a-z]+:/;

/** The links of `pages` that lead nowhere, one line each. `paths` are the files of the project. */
export function findDeadLinks(pages: readonly Page[], paths: readonly string[]): readonly string[] {
  if (pages.length === 0) return ['Cannot check links: no page was found'];
  const known = new Set(paths.flatMap((path) => [path, ...foldersOf(path)]));
  const headings = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
  return pages.flatMap(({ path, text }) =>
    [...text.replaceAll(FENCED, '').matchAll(LINK)]
      .map((match) => match[1] ?? '')
      .filter((link) => !ELSEWHERE.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : posix.join(posix.dirname(path), file).replace(/\/$/, '');
        return !known.has(target) || (anchor !== undefined && headings.get(target)?.has(anchor) === false);
      })
      .map((link) => `${path}: ${link} leads nowhere`),
  );
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function anchorsOf(text: string): ReadonlySet<string> {
  const titles = [...text.replaceAll(FENCED, '').matchAll(/^#+ +(.*)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function main(): void {
  const dead = findDeadLinks(listedPages(/\.md$/), listedPaths());
  for (const line of dead) console.error(line);
  if (dead.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
