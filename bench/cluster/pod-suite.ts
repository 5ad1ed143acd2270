/** Suite `pod`: from creating a one-container pod to seeing it Running, beside the same calls made to the runtime directly. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ConfigMap } from '#api/core/config-map';
import { Pod } from '#api/core/pod';
import type { Unsaved } from '#api/object';
import { systemWorld } from '#base/world';
import type { Client } from '#client/client';
import { httpsClient } from '#client/https/https-client';
import { loadKubeconfig } from '#client/https/kubeconfig';
import { BUSYBOX_IMAGE } from '#test/e2e/containerd-fixture';
import { kubectlPath } from '../../tools/kubectl.ts';
import { isInside } from '../namespace.ts';
import { spreadOf } from '../spread.ts';
import type { BenchContext, Measurement, Scale, Suite } from '../suite.ts';
import { startCluster, tutti } from './bench-cluster.ts';
import { startCriFloor } from './cri-floor.ts';
import { watchPods } from './watch-pods.ts';

const PODS: Readonly<Record<Scale, number>> = { full: 30, quick: 5 };
const KUBECTL_MINOR = 35;
const KUBECTL_TIMEOUT_MS = 30_000;
const RATIO = 1.5;
// What removed pods leave to do must not fall upon the next sample, the floor's least of all.
const SETTLE_MS = 300;

const run = promisify(execFile);

export const podSuite: Suite = {
  name: 'pod',
  description: 'a one-container pod from its creation to Running, image present',
  needs: 'containers',
  async run(context) {
    if (isInside()) return await measure(context);
    context.progress('left out: containers need root, and are started in a network namespace only');
    return [];
  },
};

/** Turn and turn about, so that what else the machine does hits all of them alike. */
async function measure({ scale, folder, progress, signal }: BenchContext): Promise<readonly Measurement[]> {
  progress('starting a cluster, and a containerd for the floor');
  await using floor = await startCriFloor();
  await using cluster = await startCluster({ folder, runtime: 'cri', signal });
  await tutti(['images', 'build', BUSYBOX_IMAGE, '--data-dir', cluster.dataDir], signal);
  using client = httpsClient({ ...(await loadKubeconfig(cluster.kubeconfig)), world: systemWorld() });
  await using pods = await watchPods(client);
  const kubectl = kubectlCreate(folder, cluster.kubeconfig);
  const taken = {
    floor: [] as number[],
    client: [] as number[],
    kubectl: [] as number[],
    kubectlAlone: [] as number[],
  };
  for (let index = 0; index <= PODS[scale]; index++) {
    signal.throwIfAborted();
    if (index % 10 === 0) progress(index === 0 ? 'warm-up' : `pod ${index} of ${PODS[scale]}`);
    const settle = (): Promise<void> => sleep(SETTLE_MS, undefined, { signal });
    await settle();
    const bareMs = await floor.podMs(`floor-${index}`);
    await settle();
    const clientMs = await pods.untilRunning(`client-${index}`, (name) => client.create(Pod, aBusyboxPod(name)));
    await settle();
    const kubectlMs = await pods.untilRunning(`kubectl-${index}`, (name) => kubectl(aBusyboxPod(name)));
    const aloneMs = await timed(() => kubectl(aConfigMap(`kubectl-${index}`)));
    await removeAll(client, [`client-${index}`, `kubectl-${index}`], pods.untilGone);
    if (index === 0) continue; // the first of each loads code and fills caches
    taken.floor.push(bareMs);
    taken.client.push(clientMs);
    taken.kubectl.push(kubectlMs);
    taken.kubectlAlone.push(aloneMs);
  }
  const [bare, created, commanded, alone] = [taken.floor, taken.client, taken.kubectl, taken.kubectlAlone].map(
    spreadOf,
  );
  if (bare === undefined || created === undefined || commanded === undefined || alone === undefined) return [];
  const row = { unit: 'ms' } as const;
  return [
    { ...row, workload: 'bare CRI: run sandbox, create, start', figure: bare.p50, spread: bare },
    {
      ...row,
      workload: 'create through the API to Running',
      figure: created.p50,
      spread: created,
      reference: { name: 'bare CRI', figure: bare.p50 },
      targets: [{ of: 'ratio', keep: 'at most', limit: RATIO }],
    },
    { ...row, workload: 'kubectl create of a config map, for comparison', figure: alone.p50, spread: alone },
    {
      ...row,
      workload: 'kubectl create to Running',
      figure: commanded.p50,
      spread: commanded,
      // Starting kubectl alone takes more than half of the floor, whatever the server does: see the row before.
      reference: { name: 'bare CRI', figure: bare.p50 },
      targets: [{ of: 'ratio', keep: 'at most', limit: RATIO }],
    },
  ];
}

async function removeAll(
  client: Client,
  names: readonly string[],
  untilGone: (name: string) => Promise<void>,
): Promise<void> {
  for (const name of names) {
    await client.delete(Pod, { namespace: 'default', name }, { gracePeriodSeconds: 0 });
    await untilGone(name);
  }
}

async function timed(operate: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await operate();
  return performance.now() - startMs;
}

/** The real kubectl, its discovery cache warm after the first time. */
function kubectlCreate(folder: string, kubeconfig: string): (object: object) => Promise<void> {
  const program = kubectlPath(KUBECTL_MINOR);
  const file = join(folder, 'manifest.json');
  const words = ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'kubectl-cache'), 'create', '-f', file];
  return async (object) => {
    await writeFile(file, JSON.stringify(object));
    await run(program, words, { timeout: KUBECTL_TIMEOUT_MS });
  };
}

function aBusyboxPod(name: string): Unsaved<Pod> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [{ name: 'main', image: BUSYBOX_IMAGE, imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] }],
      terminationGracePeriodSeconds: 0,
    },
  } as Unsaved<Pod>;
}

function aConfigMap(name: string): Unsaved<ConfigMap> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { key: 'value' } };
}
