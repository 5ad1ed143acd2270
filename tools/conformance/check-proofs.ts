/** Whether what the conformance list gives as proof exists: rules that are written down, tests that name them. */
import { dirname } from 'node:path';
import type { Page } from '../listed-pages.ts';
import { definedRules, namedRules } from '../spec-rules.ts';
import type { Proof, Row } from './rows.ts';

export type ProofCheck = {
  /** What is wrong, one line each. */
  readonly problems: readonly string[];
  /** The files whose tests prove a row. */
  readonly testsOf: (row: Row) => readonly string[];
};

export function checkProofs(rows: readonly Row[], specs: readonly Page[], tests: readonly Page[]): ProofCheck {
  const defined = definedRules(specs);
  const named = namedRules(tests);
  const complaint = ({ rule, kase }: Proof): string | undefined => {
    if (!defined.has(rule)) return `${rule} is no rule of docs/spec`;
    const files = named.get(rule);
    if (files === undefined) return `no test names ${rule}`;
    return kase === undefined || mentions(kase, files, tests) ? undefined : `the tests of ${rule} have no case ${kase}`;
  };
  return {
    problems: rows.flatMap(({ name, proofs }) =>
      proofs.flatMap((proof) => complaint(proof) ?? []).map((text) => `"${name}": ${text}`),
    ),
    testsOf: ({ proofs }) => [...new Set(proofs.flatMap(({ rule }) => named.get(rule) ?? []))],
  };
}

/** Cases are data beside the test: in its file or in one of its folder. */
function mentions(kase: string, files: readonly string[], tests: readonly Page[]): boolean {
  const folders = files.map((path) => `${dirname(path)}/`);
  return tests.some(
    ({ path, text }) =>
      folders.some((folder) => path.startsWith(folder)) &&
      new RegExp(`['"\`]?${RegExp.escape(kase)}['"\`]?: `).test(text),
  );
}
