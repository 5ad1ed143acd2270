import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { refuseImport } from './check-import.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

type Finding = { readonly code: string; readonly filename: string; readonly message: string };
type Report = { readonly diagnostics: readonly Finding[]; readonly number_of_files: number };

/** Lints planted files with the project's own configuration, as a project of their own. */
function lintPlanted(files: Readonly<Record<string, string>>): Report {
  const root = mkdtempSync(join(tmpdir(), 'planted-'));
  try {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module', imports: { '#*': './src/*.ts' } }));
    writeFileSync(
      join(root, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { allowImportingTsExtensions: true } }),
    );
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return lint(['-c', join(PROJECT, '.oxlintrc.json'), root]);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function lint(args: readonly string[]): Report {
  const binary = join(PROJECT, 'node_modules/oxlint/bin/oxlint');
  const run = spawnSync(process.execPath, [binary, '-f', 'json', ...args], { cwd: PROJECT, encoding: 'utf8' });
  assert.ok(run.stdout.startsWith('{'), `oxlint answered: ${run.stdout}${run.stderr}`);
  return JSON.parse(run.stdout) as Report;
}

function refusals(report: Report, rule: string): readonly string[] {
  return report.diagnostics.filter(({ code }) => code === `house(${rule})`).map(({ message }) => message);
}

test('[HOU1] an upward import is refused however it is written', () => {
  const report = lintPlanted({
    'src/store/planted.ts': [
      "import { a } from '#scheduler/scheduler';",
      "import type { b } from '../scheduler/scheduler.ts';",
      "export { c } from '#scheduler/scheduler';",
      "export * from '../scheduler/scheduler.ts';",
      "export const later = (): Promise<unknown> => import('#scheduler/scheduler');",
      "export type Later = import('#scheduler/scheduler').Thing;",
      'export const used = [a, (value: b): b => value];',
    ].join('\n'),
    'src/scheduler/scheduler.ts': 'export const [a, b, c] = [1, 2, 3];\n',
  });
  assert.equal(report.number_of_files, 2);
  const message = 'Cannot import scheduler/scheduler from store: allowed layers are base, api/meta, api/object';
  assert.deepEqual(
    refusals(report, 'layers').map((refusal) => refusal.slice(0, message.length)),
    Array.from({ length: 6 }, () => message),
  );
});

test('[HOU2] the table is enforced: each pair is refused or let through', () => {
  const cases: readonly (readonly [file: string, specifier: string, verdict: 'may' | 'refused'])[] = [
    ['src/base/heap.ts', '#api/object', 'refused'],
    ['src/base/log.ts', 'pino', 'may'],
    ['src/api/core/pod.ts', '#base/errors', 'may'],
    ['src/api/core/pod.ts', 'node:fs', 'refused'],
    ['src/api/core/pod.ts', 'fs', 'refused'],
    ['src/store/memory.ts', '#api/meta/selector', 'may'],
    ['src/store/memory.ts', '#api/core/pod', 'refused'],
    ['src/store/memory.ts', 'sorted-btree', 'may'],
    ['src/store/memory.ts', 'ws', 'refused'],
    ['src/apiserver/http/server.ts', '#store/store', 'may'],
    ['src/apiserver/http/server.ts', '#client/client', 'refused'],
    ['src/client/http.ts', '#apiserver/http/server', 'refused'],
    ['src/scheduler/plugins/taints.ts', '../framework/plugin.ts', 'may'],
    ['src/scheduler/plugins/taints.ts', '../queue/queue.ts', 'refused'],
    ['src/scheduler/plugins/taints.ts', '#client/client', 'refused'],
    ['src/scheduler/plugins/taints.ts', '#base/world', 'refused'],
    ['src/scheduler/scheduler.ts', '#client/client', 'may'],
    ['src/scheduler/scheduler.ts', '#controllers/deployment/plan', 'refused'],
    ['src/controllers/deployment/plan.ts', '#api/apps/deployment', 'may'],
    ['src/controllers/deployment/plan.ts', '#client/client', 'refused'],
    ['src/controllers/deployment/plan.ts', './revision.ts', 'may'],
    ['src/controllers/deployment/plan.ts', './controller.ts', 'refused'],
    ['src/controllers/deployment/plan.ts', '../define-controller.ts', 'refused'],
    ['src/controllers/deployment/controller.ts', './plan.ts', 'may'],
    ['src/controllers/deployment/controller.ts', '#controllers/define-controller', 'refused'],
    ['src/network/proxy/plan.ts', 'node:child_process', 'refused'],
    ['src/network/proxy/plan.ts', 'node:path', 'may'],
    ['src/node/pods/plan/plan-pod.ts', './pod-state.ts', 'may'],
    ['src/node/pods/plan/pod-state.ts', '../worker.ts', 'refused'],
    ['src/node/pods/plan/pod-state.ts', '#base/world', 'refused'],
    ['src/autoscale/nodes/plan.ts', '#scheduler/framework/filter', 'may'],
    ['src/autoscale/nodes/plan.ts', '#client/client', 'refused'],
    ['src/autoscale/nodes/controller.ts', '#scheduler/scheduler', 'refused'],
    ['src/node/agent.ts', '#network/proxy/plan', 'refused'],
    ['src/cli/commands/get.ts', 'commander', 'may'],
    ['src/cli/commands/get.ts', '#store/store', 'refused'],
    ['src/cli/commands/up.ts', '#main/up', 'refused'],
    ['src/main/up.ts', '#apiserver/http/server', 'may'],
    ['src/main/up.ts', '../store/store.ts', 'refused'],
    ['web/app.ts', '#api/core/pod', 'may'],
    ['web/app.ts', 'node:fs', 'refused'],
    ['test/sim/cluster.ts', '#main/up', 'may'],
    ['src/store/memory.test.ts', '#test/builders/pod', 'may'],
    ['src/store/memory.test.ts', 'fast-check', 'may'],
    ['src/store/memory.test.ts', '#apiserver/http/server', 'refused'],
    ['src/unknown/x.ts', './y.ts', 'refused'],
  ];
  const wrong = cases.filter(
    ([file, specifier, verdict]) => (refuseImport(file, specifier) ? 'refused' : 'may') !== verdict,
  );
  assert.deepEqual(wrong, []);
  const plan = 'src/node/runtime/plan-cgroup.ts';
  assert.equal(refuseImport(plan, '../pods/worker.ts', 'type'), undefined);
  assert.match(refuseImport(plan, '#client/client', 'type') ?? '', /^Cannot import client\/client from plan\.ts/);
});

test('[HOU3] what decides may not wait', () => {
  const report = lintPlanted({
    'src/scheduler/plugins/planted.ts':
      'export async function filter(): Promise<number> {\n  return await Promise.resolve(1);\n}\n',
    'src/controllers/x/plan.ts': 'export const plan = async (): Promise<void> => undefined;\n',
    'src/controllers/x/controller.ts': 'export const run = async (): Promise<void> => undefined;\n',
  });
  assert.equal(refusals(report, 'pure').length, 3);
});

test('[HOU4] time and chance come from a World', () => {
  const planted = [
    "import { randomUUID } from 'node:crypto';",
    "import { setTimeout as sleep } from 'node:timers/promises';",
    'export const now = Date.now();',
    'export const today = new Date();',
    'export const fine = new Date(now);',
    'export const dice = globalThis.Math.random();',
    'setTimeout(() => undefined, 1);',
    'export const ending = AbortSignal.timeout(1);',
    'export const used = [randomUUID, sleep];',
  ].join('\n');
  const report = lintPlanted({
    'src/client/planted.ts': planted,
    'src/base/planted.ts': planted,
    'src/main/planted.ts': planted,
    'src/client/planted.test.ts': planted,
  });
  const found = refusals(report, 'world-only').map((message) => /^Cannot use (\S+)/.exec(message)?.[1] ?? '');
  assert.deepEqual(found.toSorted(), [
    'AbortSignal.timeout',
    'Date.now',
    'Math.random',
    'new',
    'node:timers/promises',
    'randomUUID',
    'setTimeout',
  ]);
});

test('[HOU5] a circle of imports is refused, through the imports map too', () => {
  const report = lintPlanted({
    'src/base/one.ts': "import { two } from './two.ts';\nexport const one = (): number => two();\n",
    'src/base/two.ts': "import { one } from '#base/one';\nexport const two = (): number => one();\n",
  });
  assert.ok(report.diagnostics.some(({ code }) => code.includes('no-cycle')));
});

test('[HOU7] a file opens with its idea and has a name that tells it', () => {
  const report = lintPlanted({
    'src/base/silent.ts': 'export const one = 1;\n',
    'src/base/said.ts': '#!/usr/bin/env node\n/** Says one. */\nexport const one = 1;\n',
    'src/base/string-utils.ts': '/** Many things. */\nexport const one = 1;\n',
    'src/base/BadCase.ts': '/** Says one. */\nexport const one = 1;\n',
  });
  assert.deepEqual(refusals(report, 'opening').toSorted(), [
    'Cannot name a file "utils": say what it is about',
    'Cannot open a file without its idea: begin it with one sentence in /** */',
  ]);
  assert.equal(report.diagnostics.filter(({ code }) => code === 'unicorn(filename-case)').length, 1);
});

test('[HOU6] the linter reads every source file of the project', () => {
  const listed = spawnSync('git', ['ls-files', '*.ts'], { cwd: PROJECT, encoding: 'utf8' }).stdout.split('\n');
  const expected = listed.filter((file) => file !== '' && existsSync(join(PROJECT, file)) && !isGenerated(file));
  const { number_of_files: read } = lint([]);
  assert.ok(expected.length > 0 && read >= expected.length, `read ${read} of ${expected.length} files`);
});

function isGenerated(file: string): boolean {
  return file.includes('/generated/') || readFileSync(join(PROJECT, file), 'utf8').startsWith('/** Generated by');
}
