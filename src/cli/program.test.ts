/** The program as a whole: its help, its examples, its exit codes, what it prints. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Command } from 'commander';
import { systemWorld } from '#base/world';
import type { CommandContext } from './commands/context.ts';
import type { Cluster, Composition, Parts } from './composition.ts';
import { dataDir } from './data-dir.ts';
import { CommandError } from './exit.ts';
import { progressOn } from './output/progress.ts';
import { recordProcess } from './process-file.ts';
import { runProgram, tuttiProgram } from './program.ts';
import { readSettings, saveSettings, type Settings } from './settings.ts';

const SETTINGS: Settings = {
  id: '0a1b2c3d',
  listen: '127.0.0.1:6443',
  podCidr: '100.64.0.0/10',
  serviceCidr: '198.19.0.0/20',
  runtime: 'hollow',
  hollowNodes: 1,
  store: 'sqlite',
  nodeName: 'host',
  nodeIp: '127.0.0.1',
};

type Ran = { readonly code: number; readonly printed: string; readonly complaints: readonly string[] };

describe('tutti', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-program-'));
  });

  after(async () => {
    await rm(folder, { recursive: true });
  });

  function aContext(parts: Partial<Composition> = {}, print: (text: string) => void = () => undefined): CommandContext {
    const notNeeded = (): never => assert.fail('this part is not needed');
    return {
      composition: {
        version: '1.2.3',
        kubernetesVersion: 'v1.34.0',
        decideSettings: (asked) => Promise.resolve({ ...SETTINGS, ...asked }),
        missingFor: () => Promise.resolve([]),
        whyNotListen: () => Promise.resolve(undefined),
        whyNotSchedulerConfig: () => Promise.resolve(undefined),
        run: notNeeded,
        buildImages: notNeeded,
        importImages: notNeeded,
        stopNode: () => Promise.resolve(),
        simulate: notNeeded,
        pinnedKubectl: notNeeded,
        removeData: ({ dir }) => rm(dir.path, { recursive: true }),
        ...parts,
      },
      world: systemWorld(),
      environment: { TUTTI_DATA_DIR: join(folder, 'default') },
      userId: 1000,
      program: 'tutti.ts',
      launcher: 'tutti',
      print,
      progress: () => progressOn(process.stderr),
      connect: notNeeded,
      exitWith: notNeeded,
      signal: new AbortController().signal,
    };
  }

  async function run(words: readonly string[], parts: Partial<Composition> = {}): Promise<Ran> {
    const printed: string[] = [];
    const complaints: string[] = [];
    const context = aContext(parts, (text) => printed.push(text));
    const silent = { ...context, progress: () => ({ step() {}, detail() {}, done() {}, [Symbol.dispose]() {} }) };
    const code = await runProgram(silent, words, (line) => complaints.push(line));
    return { code, printed: printed.join('\n'), complaints };
  }

  async function aCluster(name: string): Promise<string> {
    const dir = dataDir(join(folder, name));
    await saveSettings(dir, SETTINGS);
    return dir.path;
  }

  test('[CLI20] every command has a description and examples in its help', () => {
    for (const command of allCommands(tuttiProgram(aContext()))) {
      assert.notEqual(command.description(), '', command.name());
      assert.ok(examplesOf(command).length > 0, `${command.name()} has no examples`);
    }
  });

  test('[CLI20] every example is understood', async () => {
    for (const command of allCommands(tuttiProgram(aContext())))
      for (const example of examplesOf(command)) {
        const program = tuttiProgram(aContext());
        const used: string[] = [];
        for (const each of allCommands(program)) each.exitOverride().action(() => void used.push(each.name()));
        await program.parseAsync(example.split(' ').slice(1), { from: 'user' });
        assert.deepEqual(used.length, 1, example);
        assert.ok(example.includes(` ${used[0]}`), example);
      }
  });

  test('[CLI21] what is asked wrongly ends with 2', async () => {
    const complaints = process.stderr.write;
    process.stderr.write = () => true; // the parser itself tells what is wrong
    try {
      for (const words of [
        ['upp'],
        ['up', '--bogus'],
        ['up', '--listen', 'nowhere'],
        ['up', '--listen', '127.0.0.1:0'],
        ['up', '--pod-cidr', '10.0.0.0'],
        ['up', '--runtime', 'docker'],
        ['up', '--hollow-nodes', '-1'],
        ['status', '-o', 'xml'],
        ['images', 'import'],
      ])
        assert.equal((await run(words)).code, 2, words.join(' '));
    } finally {
      process.stderr.write = complaints;
    }
  });

  test('[CLI21] commands on a cluster that does not exist end with 3 and one line', async () => {
    const absent = join(folder, 'absent');
    for (const command of ['down', 'status', 'server', 'agent', 'kubectl'])
      assert.deepEqual(await run([command, '--data-dir', absent]), {
        code: 3,
        printed: '',
        complaints: [`tutti: No cluster in ${absent}: start one with "tutti up --data-dir ${absent}"`],
      });
  });

  test('[CLI21] a failure ends with 1 and one line', async () => {
    const path = await aCluster('failing');
    const failing = { run: () => Promise.reject(new Error('Cannot open the store: it is broken')) };
    const { code, complaints } = await run(['server', '--data-dir', path], failing);
    assert.deepEqual([code, complaints], [1, ['tutti: Cannot open the store: it is broken']]);
  });

  test('[CLI22] what the machine lacks is named, with the runtime that needs none of it; nothing is created', async () => {
    const path = join(folder, 'lacking');
    const { code, complaints } = await run(['up', '--data-dir', path], {
      missingFor: () => Promise.resolve(['root', 'containerd', 'nft']),
    });
    assert.equal(code, 2);
    assert.deepEqual(complaints, [
      'tutti: Cannot run containers: missing root, containerd, nft; "tutti up --runtime hollow" needs none of it',
    ]);
    assert.equal((await run(['status', '--data-dir', path])).code, 3);
  });

  test('[CLI23] an address that is taken is named before anything is created', async () => {
    const path = join(folder, 'taken');
    const taken = { whyNotListen: () => Promise.resolve('something else listens there') };
    const { code, complaints } = await run(['up', '--data-dir', path, '--listen', '127.0.0.1:7443'], taken);
    assert.equal(code, 2);
    assert.deepEqual(complaints, [
      'tutti: Cannot listen at 127.0.0.1:7443: something else listens there; choose another with --listen',
    ]);
    assert.equal((await run(['status', '--data-dir', path])).code, 3);
  });

  test("[CLI60] a scheduler's configuration is kept, and a wrong one is refused before anything is created", async () => {
    const path = join(folder, 'configured');
    const file = join(folder, 'scheduler.yaml');
    await writeFile(file, 'kind: KubeSchedulerConfiguration');
    const up = ['up', '--foreground', '--data-dir', path, '--scheduler-config', file];
    const wrong = await run(up, { whyNotSchedulerConfig: () => Promise.resolve('parallelism: Invalid value: 0') });
    assert.deepEqual(
      [wrong.code, wrong.complaints],
      [2, [`tutti: Cannot use --scheduler-config ${file}: parallelism: Invalid value: 0`]],
    );
    assert.equal((await run([...up.slice(0, -1), `${file}.none`])).code, 2);
    assert.equal((await run(['status', '--data-dir', path])).code, 3);
    const kept: string[] = [];
    await run(up, {
      run: async ({ dir }) => void kept.push(await readFile(dir.schedulerConfig, 'utf8')),
    });
    assert.deepEqual(kept, ['kind: KubeSchedulerConfiguration']);
  });

  test('[CLI24] version prints one line, or JSON', async () => {
    const { printed } = await run(['version']);
    assert.equal(printed, `Tutti 1.2.3, Kubernetes API v1.34.0, Node ${process.version}`);
    const json = await run(['version', '-o', 'json']);
    assert.deepEqual(JSON.parse(json.printed), { tutti: '1.2.3', kubernetes: 'v1.34.0', node: process.version });
  });

  test('[CLI25] the status of a cluster that does not run ends with 3, in both forms', async () => {
    const path = await aCluster('stopped');
    const { code, printed } = await run(['status', '--data-dir', path]);
    assert.equal(code, 3);
    assert.equal(printed.split('\n')[0], 'Stopped: start it with "tutti up"');
    const json = await run(['status', '-o', 'json', '--data-dir', path]);
    assert.equal(json.code, 3);
    assert.deepEqual(JSON.parse(json.printed), {
      running: false,
      dataDir: path,
      server: 'https://127.0.0.1:6443',
      kubeconfig: join(path, 'kubeconfig.yaml'),
      runtime: 'hollow',
    });
  });

  test('[CLI26] in the foreground the parts run on record, and each runs once', async () => {
    const started: Parts[] = [];
    const record = (_: Cluster, parts: Parts): Promise<void> => {
      started.push(parts);
      return Promise.resolve();
    };
    const path = join(folder, 'foreground');
    assert.equal((await run(['up', '--foreground', '--data-dir', path], { run: record })).code, 0);
    assert.deepEqual(started, ['all']);
    const { pid } = JSON.parse(await readFile(join(path, 'tutti.pid'), 'utf8')) as { pid: number };
    assert.equal(pid, process.pid);
    for (const words of [['server'], ['agent'], ['up', '--foreground']]) {
      const { code, complaints } = await run([...words, '--data-dir', path], { run: record });
      assert.deepEqual(
        [code, complaints],
        [2, [`tutti: The cluster in ${path} already runs as process ${process.pid}`]],
      );
    }
    assert.deepEqual(started, ['all']);
  });

  test('[CLI50] failed revisions are taken back unless the cluster was told not to', async () => {
    const seen: (string | undefined)[] = [];
    const look = ({ settings }: Cluster): Promise<void> => Promise.resolve(void seen.push(settings.automaticRollback));
    for (const [name, words] of [
      ['usual', []],
      ['strict', ['--automatic-rollback', 'off']],
    ] as const) {
      const path = join(folder, name);
      await run(['up', '--foreground', '--data-dir', path, ...words], { run: look });
    }
    assert.deepEqual(seen, [undefined, 'off']);
    assert.equal((await readSettings(dataDir(join(folder, 'strict')))).automaticRollback, 'off');
    const wrong = await run(['up', '--automatic-rollback', 'maybe', '--data-dir', join(folder, 'wrong')]);
    assert.equal(wrong.code, 2);
  });

  test('[CLI26] server and agent are on record each for itself', async () => {
    const path = await aCluster('parts');
    const started: Parts[] = [];
    const parts: Partial<Composition> = {
      run: (_, which) => {
        started.push(which);
        return Promise.resolve();
      },
    };
    assert.equal((await run(['server', '--data-dir', path], parts)).code, 0);
    assert.equal((await run(['agent', '--data-dir', path], parts)).code, 0);
    assert.deepEqual(started, ['server', 'agent']);
    assert.equal((await run(['agent', '--data-dir', path], parts)).code, 2);
  });

  test('[CLI27] down stops the node; only with --purge the data goes', async () => {
    const path = await aCluster('going');
    const done: string[] = [];
    const parts: Partial<Composition> = {
      stopNode: ({ settings }) => Promise.resolve(void done.push(`stop ${settings.id}`)),
      removeData: ({ dir }) => Promise.resolve(void done.push(`remove ${dir.path}`)),
    };
    assert.equal((await run(['down', '--data-dir', path], parts)).code, 0);
    assert.deepEqual(done, ['stop 0a1b2c3d']);
    assert.equal((await run(['down', '--purge', '--data-dir', path], parts)).code, 0);
    assert.deepEqual(done.slice(1), ['stop 0a1b2c3d', `remove ${path}`]);
  });

  test('[CLI28] images are built and imported as asked, and their names printed', async () => {
    const path = await aCluster('images');
    const names = (_: Cluster, { wanted }: { readonly wanted: readonly string[] }): Promise<readonly string[]> =>
      Promise.resolve(wanted.map((name) => `made ${name}`));
    const built = await run(['images', 'build', 'a', 'b', '--data-dir', path], { buildImages: names });
    assert.deepEqual([built.code, built.printed], [0, 'made a\nmade b']);
    const imported = await run(['images', 'import', 'c.tar', '--data-dir', path], { importImages: names });
    assert.deepEqual([imported.code, imported.printed], [0, 'made c.tar']);
    const failing = { buildImages: () => Promise.reject(new CommandError(2, 'No recipe for a')) };
    assert.deepEqual((await run(['images', 'build', 'a', '--data-dir', path], failing)).code, 2);
  });

  test('[CLI29] up on a running cluster with other flags is refused before anything else', async () => {
    const path = await aCluster('running');
    await recordProcess(dataDir(path).pid, process.pid);
    const { code, complaints } = await run(['up', '--data-dir', path, '--store', 'memory']);
    assert.equal(code, 2);
    assert.match(complaints[0] ?? '', /^tutti: Cannot change --store of an existing cluster/);
  });

  test('[SIM19] a simulation is asked for with its cluster and seed, and printed as text or JSON', async () => {
    const asked: unknown[] = [];
    const printed: string[] = [];
    const simulate: Composition['simulate'] = ({ scenario, from, seed }) => {
      asked.push([scenario, from, seed]);
      return Promise.resolve({ text: 'a text', json: '{}' });
    };
    const context = aContext({ simulate }, (text) => printed.push(text));
    const complaints: string[] = [];
    const complain = (line: string): void => void complaints.push(line);
    assert.equal(await runProgram(context, ['simulate', 'a.yaml'], complain), 0);
    assert.equal(
      await runProgram(context, ['simulate', 'a.yaml', '--from', 'dir', '--seed', '7', '-o', 'json'], complain),
      0,
    );
    assert.deepEqual(
      [asked, printed, complaints],
      [
        [
          ['a.yaml', undefined, 1],
          ['a.yaml', 'dir', 7],
        ],
        ['a text', '{}'],
        [],
      ],
    );
    assert.equal(await runProgram(context, ['simulate', 'a.yaml', '--seed', 'x'], complain), 2);
  });
});

function allCommands(program: Command): readonly Command[] {
  return program.commands.flatMap((command) => [command, ...allCommands(command)]);
}

/** The lines of a command's help that start with the prompt. */
function examplesOf(command: Command): readonly string[] {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return [...help.matchAll(/^ {2}\$ (tutti .*)$/gm)].map(([, example]) => example ?? '');
}
