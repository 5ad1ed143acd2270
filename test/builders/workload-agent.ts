/** Stands for scheduler and agents in tests of workloads: pods get a node, become ready, and go when they are deleted. */
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { formatTime } from '#api/meta/time';
import { refOf } from '#api/object';
import type { TestCluster } from './cluster.ts';

export type WorkloadAgent = {
  /** Pods that it is not well for run and never become ready. */
  isWell: (pod: Pod) => boolean;
};

const STEP_MS = 500;

/** Each step takes half a second. Pods go to the node that they are pinned to, or to `n1`. */
export function runWorkloadAgent(cluster: TestCluster): WorkloadAgent {
  const agent: WorkloadAgent = { isWell: () => true };
  const { client, informers, world } = cluster;
  const later = (act: () => Promise<unknown>): void => {
    world.clock.setTimer(STEP_MS, () => void act().catch(unlessGone));
  };
  cluster.run(async (signal) => {
    const pods = informers.for(Pod);
    await pods.synced;
    using _subscription = pods.subscribe(({ before, after }) => {
      if (after === undefined) return;
      if (after.metadata.deletionTimestamp !== undefined) {
        if (before?.metadata.deletionTimestamp === undefined)
          later(() => client.delete(Pod, refOf(after), { gracePeriodSeconds: 0 }));
      } else if (before === undefined) later(() => bind(cluster, after));
      else if (!before.spec.nodeName && after.spec.nodeName) later(() => start(cluster, after, agent));
    });
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  });
  return agent;
}

function unlessGone(error: unknown): void {
  if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
}

async function bind({ client }: TestCluster, pod: Pod): Promise<void> {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const name = required?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0] ?? 'n1';
  const body = { metadata: { name: pod.metadata.name }, target: { kind: 'Node', name } };
  await client.createSubresource(Pod, { ref: refOf(pod), subresource: 'binding', body });
}

async function start({ client, world }: TestCluster, pod: Pod, { isWell }: WorkloadAgent): Promise<void> {
  const lastTransitionTime = formatTime(world.clock.now());
  const ready = { type: 'Ready', status: isWell(pod) ? 'True' : 'False', lastTransitionTime };
  const current = await client.get(Pod, refOf(pod));
  const next = { ...current, status: { ...current.status, phase: 'Running', conditions: [ready] } };
  await client.update(Pod, next, { subresource: 'status' });
}
