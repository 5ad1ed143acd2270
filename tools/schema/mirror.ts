/** Reads files out of a bare git mirror at its newest commit. */
import { execFileSync } from 'node:child_process';

const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

export type Mirror = {
  readonly repository: string;
  readonly list: () => readonly string[];
  readonly read: (path: string) => string;
};

export function openMirror(repository: string, gitDirectory: string): Mirror {
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', gitDirectory, ...words], { encoding: 'utf8', maxBuffer: LARGEST_FILE_BYTES });
  return {
    repository,
    list: () => git('ls-tree', '-r', '--name-only', 'HEAD').trimEnd().split('\n'),
    read: (path) => git('show', `HEAD:${path}`),
  };
}
