/** Where transcripts are played: a simulated or real cluster with a home, a node and namespaces for each version of kubectl. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { dump, load } from 'js-yaml';
import { type ClientMinor, kubectlPath } from '../../../tools/kubectl.ts';
import { type ClusterOptions, type Output, TestCluster } from '../cluster.ts';
import { difference } from './expectation.ts';
import { parseTranscript, type Scene, type Step } from './transcript.ts';

/** The oldest that is spoken with, one of the middle, and the newest. */
export const PLAYED_MINORS: readonly ClientMinor[] = [28, 32, 36];

const SIMULATED: ClusterOptions = {
  upArguments: ['--runtime', 'hollow', '--hollow-nodes', String(PLAYED_MINORS.length)],
};
const COMMAND_BOUND_MS = 90_000;
const REPEAT_BOUND_MS = 30_000;
const REPEAT_EVERY_MS = 150;

export const transcriptText = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`transcripts/${name}.txt`, import.meta.url)), 'utf8');

export class Stage implements AsyncDisposable {
  readonly cluster: TestCluster;
  readonly #folder: string;

  private constructor(cluster: TestCluster, folder: string) {
    this.cluster = cluster;
    this.#folder = folder;
  }

  /** With namespaces for all scenes of the transcripts of these names. */
  static async open(transcripts: readonly string[], options = SIMULATED): Promise<Stage> {
    const cluster = await TestCluster.start(options);
    const stage = new Stage(cluster, await mkdtemp(join(tmpdir(), 'tutti-stage-')));
    try {
      await stage.#prepare(await Promise.all(transcripts.map(transcriptText)));
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #prepare(transcripts: readonly string[]): Promise<void> {
    const namespaces = PLAYED_MINORS.flatMap((minor) =>
      transcripts.flatMap((text) => parseTranscript(text, minor).map(({ title }) => namespaceOf(title, minor))),
    );
    await this.cluster.apply(
      ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    );
    for (const minor of PLAYED_MINORS) {
      const bin = join(this.#home(minor), 'bin');
      await mkdir(bin, { recursive: true });
      await symlink(kubectlPath(minor), join(bin, 'kubectl'));
    }
  }

  #home(minor: ClientMinor): string {
    return join(this.#folder, `v${minor}`);
  }

  /** Runs every step, also after one that failed, and tells all differences at once. */
  async play(scene: Scene, minor: ClientMinor): Promise<void> {
    const environment = await this.#environment(scene, minor);
    const differences: string[] = [];
    for (const step of scene.steps) {
      const found = await this.#perform(step, environment);
      if (found !== undefined) differences.push(`$ ${step.command}\n${found}`);
    }
    assert.equal(differences.length, 0, differences.join('\n\n'));
  }

  async #environment({ title }: Scene, minor: ClientMinor): Promise<Readonly<Record<string, string>>> {
    const home = this.#home(minor);
    const namespace = namespaceOf(title, minor);
    const config = load(await readFile(this.cluster.kubeconfig, 'utf8')) as KubeconfigFile;
    const contexts = config.contexts.map((entry) => ({ ...entry, context: { ...entry.context, namespace } }));
    const path = join(home, 'config');
    await writeFile(path, dump({ ...config, contexts }), { mode: 0o600 });
    const index = PLAYED_MINORS.indexOf(minor) + 1;
    return {
      HOME: home,
      KUBECONFIG: path,
      PATH: `${join(home, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
      NS: namespace,
      NODE: `hollow-${index}`,
      V: String(minor),
    };
  }

  async #perform(step: Step, environment: Readonly<Record<string, string>>): Promise<string | undefined> {
    const named = { ...step.expected };
    const fill = (line: string): string => line.replaceAll(/\{(NS|NODE|V)\}/g, (_, name: string) => environment[name]!);
    const expected = { code: named.code, stdout: named.stdout.map(fill), stderr: named.stderr.map(fill) };
    const deadline = Date.now() + REPEAT_BOUND_MS;
    for (;;) {
      const found = difference(await this.#run(step.command, environment), expected);
      if (found === undefined || !step.repeats || Date.now() > deadline) return found;
      await sleep(REPEAT_EVERY_MS);
    }
  }

  #run(command: string, env: Readonly<Record<string, string>>): Promise<Output> {
    const [program, line] = this.cluster.hosts.node.command('sh', ['-c', command]);
    return new Promise((resolve) => {
      const options = { cwd: env['HOME'], env, timeout: COMMAND_BOUND_MS };
      const child = execFile(program, line, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      });
      child.stdin?.end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

type KubeconfigFile = {
  readonly contexts: readonly { readonly name: string; readonly context: Readonly<Record<string, string>> }[];
};

const namespaceOf = (title: string, minor: ClientMinor): string =>
  `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${minor}`.slice(-63).replace(/^-/, '');
