/** Scenario 8: what a cluster leaves on its machine when it goes, which is nothing, and what it keeps when it only stops. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Deployment } from '#api/types/apps-v1';
import type { Pod, Service } from '#api/types/core-v1';
import type { Settings } from '#cli/settings';
import { kubectlPath } from '../../tools/kubectl.ts';
import { eventually, must, type Output, ROOT } from './cluster.ts';
import { curl } from './http.ts';
import { type Inventory, takeInventory } from './machine-inventory.ts';
import { type OwnMachine, startOwnMachine } from './own-machine.ts';

const TUTTI = join(ROOT, 'tutti');
const MANIFESTS = join(ROOT, 'test/e2e/manifests/every-trace.yaml');

type List<T> = { readonly items: readonly T[] };

describe('a cluster that goes', { timeout: 300_000 }, () => {
  let machine: OwnMachine;
  let dataDir: string;

  before(async () => {
    machine = await startOwnMachine();
    dataDir = join(machine.folder, 'data', 'one');
  });

  after(async () => {
    await machine?.[Symbol.asyncDispose]();
  });

  const tutti = (command: string, ...args: readonly string[]): Promise<Output> =>
    machine.run(TUTTI, command, '--data-dir', dataDir, ...args);
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    must(await machine.run(kubectlPath(32), '--kubeconfig', `${dataDir}/kubeconfig.yaml`, ...args));
  const json = async <T>(...args: readonly string[]): Promise<T> =>
    JSON.parse(await kubectl('get', ...args, '-o', 'json')) as T;
  const inData = async <T>(file: string): Promise<T> => JSON.parse(await readFile(join(dataDir, file), 'utf8')) as T;
  const clusterId = async (): Promise<string> => (await inData<Settings>('cluster.json')).id;

  /** Brings the cluster to where it has left traces of every kind. */
  const makeTraces = async (): Promise<void> => {
    must(await tutti('up'));
    await kubectl('apply', '-f', MANIFESTS);
    await serves();
  };

  const serves = async (): Promise<void> => {
    await kubectl('rollout', 'status', 'deployment/volumes', '--timeout=60s');
    await kubectl('wait', '--for=condition=Ready', 'pod/host-network', '--timeout=60s');
    await eventually(async () => restartsOf(await json<Pod>('pod', 'crashing')) > 0, 'the crash');
    await eventually(async () => (await kubectl('logs', 'deployment/volumes')).includes('begun'), 'the log');
    await eventually(async () => (await curl(machine.client, await serviceUrl())) === 'served\n', 'the service');
  };

  const serviceUrl = async (): Promise<string> => {
    const { status } = await json<Service>('service', 'volumes');
    return `http://${status?.loadBalancer?.ingress?.[0]?.ip}:8088/`;
  };

  const kill = async (pid: number): Promise<void> => {
    must(await machine.run('kill', '-9', `${pid}`));
  };

  /** Runs `use` between two inventories; fails when the machine is not what it was. */
  const leavesNothing = async (use: () => Promise<string>): Promise<void> => {
    const before = await takeInventory(machine, 'tutti-none');
    const id = await use();
    must(await tutti('down', '--purge'));
    // Dead processes of the machine are reaped, and network namespaces removed, a moment later.
    let left: Inventory = {};
    await eventually(
      async () => {
        left = difference(before, await takeInventory(machine, id));
        return Object.keys(left).length === 0;
      },
      'an untouched machine',
      5_000,
    ).catch(() => undefined);
    assert.deepEqual(left, {});
  };

  test('[E2E8] the inventory sees what a running cluster is', async () => {
    const before = await takeInventory(machine, 'tutti-none');
    await makeTraces();
    const during = difference(before, await takeInventory(machine, await clusterId()));
    const seen = Object.keys(during).toSorted();
    assert.deepEqual(seen, [
      'addresses',
      'cgroups',
      'files',
      'links',
      'mounts',
      'processes',
      'routes',
      'settings',
      'tables',
    ]);
  });

  test('[E2E8] down keeps the objects, and up brings their pods back', async () => {
    const uidsBefore = await uids();
    must(await tutti('down'));
    const status = await tutti('status');
    assert.equal(status.code, 3);
    const stopped = await takeInventory(machine, await clusterId());
    assert.deepEqual(stopped['tables'], []);
    assert.equal(
      stopped['processes']?.some((line) => /containerd|httpd|tutti/.test(line)),
      false,
    );
    must(await tutti('up'));
    await serves();
    assert.deepEqual(await uids(), uidsBefore);
  });

  test('[E2E8] purging leaves the machine as it was', async () => {
    must(await tutti('down', '--purge'));
    await leavesNothing(async () => {
      await makeTraces();
      return await clusterId();
    });
  });

  test('[E2E8] purging after everything was killed leaves the machine as it was', async () => {
    await leavesNothing(async () => {
      await makeTraces();
      const id = await clusterId();
      await kill((await inData<{ pid: number }>('tutti.pid')).pid);
      const containerd = must(await machine.run('pgrep', '-f', `containerd --config /run/tutti/${id}`)).trim();
      await kill(Number(containerd));
      return id;
    });
  });

  test('[E2E8] purging what is not there says so', async () => {
    const { code, stderr } = await tutti('down', '--purge');
    assert.equal(code, 3);
    assert.ok(stderr.includes(`tutti: No cluster in ${dataDir}: start one with`), stderr);
  });

  async function uids(): Promise<readonly string[]> {
    const pods = await json<List<Pod>>('pods');
    const deployment = await json<Deployment>('deployment', 'volumes');
    return [deployment, ...pods.items].map(({ metadata }) => metadata.uid ?? '').toSorted();
  }
});

const restartsOf = ({ status }: Pod): number => status?.containerStatuses?.[0]?.restartCount ?? 0;

/** What is more, with a plus, or less, with a minus, in the second; only what differs. */
function difference(first: Inventory, second: Inventory): Inventory {
  const changes = Object.keys(first).map((name) => {
    const [before, after] = [first[name] ?? [], second[name] ?? []];
    const more = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
    const less = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
    return [name, [...more, ...less]] as const;
  });
  return Object.fromEntries(changes.filter(([, lines]) => lines.length > 0));
}
