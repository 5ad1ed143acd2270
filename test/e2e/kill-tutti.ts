/** Kills everything of a cluster but its containers, as a power cut of the control plane would. */
import assert from 'node:assert/strict';
import { dataDir } from '#cli/data-dir';
import { runningProcess } from '#cli/process-file';
import { readSettings } from '#cli/settings';
import { containerdSettings } from '#main/node-paths';
import { containerdFile } from '#node/runtime/cri/containerd-config';
import { findContainerd } from '#node/runtime/cri/containerd';
import { isAlive } from '#node/runtime/cri/processes';
import { eventually, must, runOn, type TestCluster } from './cluster.ts';

/** kill -9 of the process of the control plane and the agent, and of containerd, which the former would start again. */
export async function killTutti({ dataDir: path }: TestCluster): Promise<void> {
  const dir = dataDir(path);
  const tutti = await runningProcess(dir.pid);
  const containerd = await findContainerd(containerdFile(await containerdPaths(path), 'config'));
  assert.ok(tutti && containerd);
  for (const { pid } of [tutti, containerd]) process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    const left = await Promise.all([runningProcess(dir.pid), isAlive(containerd)]);
    return left.every((each) => each === undefined || each === false);
  }, 'the end of the killed processes');
}

/** The tasks, of containers and of sandboxes, that containerd runs. */
export async function runningTasks({ dataDir: path, hosts }: TestCluster): Promise<readonly string[]> {
  const socket = containerdFile(await containerdPaths(path), 'socket');
  const list = must(await runOn(hosts.node, 'ctr', ['--address', socket, '--namespace', 'k8s.io', 'tasks', 'list']));
  return list.split('\n').flatMap((line) => (line.includes('RUNNING') ? [line.split(/\s+/)[0] ?? ''] : []));
}

async function containerdPaths(path: string) {
  const dir = dataDir(path);
  return containerdSettings({ dir, settings: await readSettings(dir) }).paths;
}
