/** Compares the numbered rules of docs/spec with the tests that name them, and tells every gap. */
import { listedPages, type Page } from './listed-pages.ts';

// Letters and digits, the last letter before the number: STO3, E2E11.
const RULE_ID = '[A-Z](?:[A-Z0-9]*[A-Z])?\\d+[a-z]?';
// A rule opens a list item or a table row: `- **STO3** ...`, `- [STO3] ...`, `| STO3 | ...`.
const DEFINITION = new RegExp(`^(?:[-*]|\\|)\\s+(?:\\*\\*|\\[|\`)*(${RULE_ID})(?:\\*\\*|\\]|\`|:|\\.|\\s)`, 'gm');
// A test's name opens with its rules, in one pair of brackets each or several in one.
const TEST_NAME = new RegExp(
  `\\b(?:test|it|describe|suite)(?:\\.\\w+)?\\(\\s*['"\`]((?:\\[${RULE_ID}(?:,\\s*${RULE_ID})*\\]\\s*)+)`,
  'g',
);

/** What is wrong between `specs` and `tests`, one line each; nothing when all rules are tested. */
export function findGaps(specs: readonly Page[], tests: readonly Page[]): readonly string[] {
  const defined = definedRules(specs);
  const named = namedRules(tests);
  if (defined.size === 0) return ['Cannot compare rules and tests: no rule was found in docs/spec'];
  if (named.size === 0) return ['Cannot compare rules and tests: no test that names a rule was found'];
  return [
    ...[...defined]
      .filter(([, paths]) => paths.length > 1)
      .map(([id, paths]) => `${id}: defined in ${paths.join(' and ')}`),
    ...[...defined].filter(([id]) => !named.has(id)).map(([id, paths]) => `${id}: no test names it (${paths[0]})`),
    ...[...named]
      .filter(([id]) => !defined.has(id))
      .map(([id, paths]) => `${id}: no such rule in docs/spec (${paths[0]})`),
  ];
}

/** The rules that pages define, each with where. */
export function definedRules(specs: readonly Page[]): ReadonlyMap<string, readonly string[]> {
  return places(specs, (text) => [...text.matchAll(DEFINITION)].map((match) => match[1]!));
}

/** The rules that tests name, each with where. */
export function namedRules(tests: readonly Page[]): ReadonlyMap<string, readonly string[]> {
  return places(tests, (text) =>
    [...text.matchAll(TEST_NAME)].flatMap((match) => match[1]!.match(new RegExp(RULE_ID, 'g')) ?? []),
  );
}

function places(pages: readonly Page[], idsOf: (text: string) => readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, text } of pages) {
    for (const id of idsOf(text)) {
      const paths = found.get(id);
      if (paths === undefined) found.set(id, [path]);
      else paths.push(path);
    }
  }
  return found;
}

function main(): void {
  const gaps = findGaps(listedPages(/^docs\/spec\/.*\.md$/), listedPages(/^(src|test|tools|web|bench)\/.*\.ts$/));
  for (const gap of gaps) console.error(gap);
  if (gaps.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
