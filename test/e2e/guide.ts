/** Runs the commands of a page of the guide, in their order, and compares what they print with what the page shows. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENT_MINORS, kubectlPath } from '../../tools/kubectl.ts';
import { ROOT, runOn, type TestCluster } from './cluster.ts';

type Step = { readonly command: string; readonly shown: readonly string[] };
type Part =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'steps'; readonly steps: readonly Step[] };

const BLOCK = /^```(yaml|console)\n(.*?)^```$/gms;

export function partsOf(page: string): readonly Part[] {
  return [...page.matchAll(BLOCK)].map(([, language, text = '']): Part => {
    if (language === 'console') return { kind: 'steps', steps: stepsOf(text) };
    const [, name] = /^# (\S+)\n/.exec(text) ?? [];
    if (name === undefined) throw new Error(`Cannot use a block of the page: its first line names no file: ${text}`);
    return { kind: 'file', name, text };
  });
}

/** A line that begins with `$ ` is a command; those below it are what it prints. */
function stepsOf(text: string): readonly Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...shown] = step.trimEnd().split('\n');
      return { command, shown };
    });
}

/** `…` stands for anything, on a line of its own for any lines. Blanks count once. */
export function isShown(printed: string, shown: readonly string[]): boolean {
  const escaped = shown.map((line) =>
    line === '…'
      ? '(?:.*\n)*'
      : `${words(line)
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replaceAll('…', '.*')}\n`,
  );
  const text = printed.trim() === '' ? '' : `${printed.trim().split('\n').map(words).join('\n')}\n`;
  return new RegExp(`^${escaped.join('')}$`).test(text);
}

const words = (line: string): string => line.trim().replace(/\s+/g, ' ');

export async function runGuide(cluster: TestCluster, page: string): Promise<void> {
  const parts = partsOf(await readFile(join(ROOT, 'docs/guide', `${page}.md`), 'utf8'));
  assert.ok(parts.length > 0, 'the page shows nothing to run');
  const folder = await mkdtemp(join(tmpdir(), 'tutti-guide-'));
  const kubectl = kubectlPath(CLIENT_MINORS[CLIENT_MINORS.length - 1] ?? CLIENT_MINORS[0]);
  try {
    await symlink(join(ROOT, 'examples'), join(folder, 'examples'));
    for (const part of parts) {
      if (part.kind === 'file') await writeFile(join(folder, part.name), part.text);
      else for (const step of part.steps) await runStep(cluster, step, { folder, kubectl });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Place = { readonly folder: string; readonly kubectl: string };

async function runStep(cluster: TestCluster, { command, shown }: Step, { folder, kubectl }: Place): Promise<void> {
  const programs = [
    `kubectl() { ${kubectl} --kubeconfig ${cluster.kubeconfig} "$@"; }`,
    `TUTTI_DATA_DIR=${cluster.dataDir}; export TUTTI_DATA_DIR`,
    `tutti() { ${join(ROOT, 'tutti')} "$@"; }`,
  ];
  // What is told of the progress comes where a reader sees it.
  const script = ['exec 2>&1', `cd ${folder}`, ...programs, command].join('; ');
  const { stdout: printed } = await runOn(cluster.hosts.node, 'sh', ['-c', script]);
  assert.ok(isShown(printed, shown), `$ ${command}\nprints:\n${printed}\nthe page shows:\n${shown.join('\n')}`);
}
