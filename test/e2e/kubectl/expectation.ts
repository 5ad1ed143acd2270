/** Decides whether a program printed what a transcript says, up to ages, addresses and the widths of columns. */
import type { Output } from '../cluster.ts';
import type { Expected } from './transcript.ts';

/** What stands in braces in an expected line, and what it stands for. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  any: '.*',
  age: String.raw`(?:<invalid>|(?:\d+[dhms])+)`,
  date: String.raw`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000`,
  digits: String.raw`\d+`,
  hash: '[0-9a-z]{5,10}',
  ip: String.raw`(?:\d{1,3}\.){3}\d{1,3}`,
  time: String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`,
  uid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  version: String.raw`v1\.\d+\.\d+(?:\+tutti)?`,
};
const ANY_LINES = '{...}';

/** Nothing when it is as expected, else both as a reader compares them. */
export function difference(output: Output, expected: Expected): string | undefined {
  const matches =
    output.code === expected.code &&
    pattern(expected.stdout).test(normal(output.stdout)) &&
    pattern(expected.stderr).test(normal(output.stderr));
  if (matches) return undefined;
  return `expected:\n${shown(expected)}\ngot:\n${shown({
    code: output.code,
    stdout: normal(output.stdout).split('\n'),
    stderr: normal(output.stderr).split('\n'),
  })}`;
}

/** As a transcript writes it. */
function shown({ code, stdout, stderr }: Expected): string {
  const errors = stderr.filter((line) => line !== '').map((line) => `! ${line}`);
  return [...stdout.filter((line, index) => line !== '' || index > 0), ...errors, ...(code === 0 ? [] : [`[${code}]`])]
    .map((line) => `  ${line}`)
    .join('\n');
}

/** Every line with its end, and none at the end that is empty. */
const normal = (text: string): string =>
  `${text.replaceAll(/[ \t]+$/gm, '').replace(/\n+$/, '')}\n`.replace(/^\n$/, '');

function pattern(lines: readonly string[]): RegExp {
  const parts = lines.map((line) => (line.trim() === ANY_LINES ? '(?:.*\n)*?' : `${linePattern(line.trimEnd())}\n`));
  return new RegExp(`^${parts.join('')}$`);
}

function linePattern(line: string): string {
  const indent = /^ */.exec(line)![0];
  const rest = line
    .slice(indent.length)
    .split(/(\{[a-z]+\}| {2,}|\t+)/)
    .map((piece) => {
      if (/^ {2,}$/.test(piece)) return ' {2,}';
      if (/^\t+$/.test(piece)) return String.raw`\t+`;
      return PLACEHOLDERS[piece.slice(1, -1)] !== undefined && piece.startsWith('{')
        ? PLACEHOLDERS[piece.slice(1, -1)]!
        : RegExp.escape(piece);
    });
  return indent + rest.join('');
}
