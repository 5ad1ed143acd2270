/** Bounds that no program may overstep: replicas, surge, parallelism, counted completions, room on nodes, quotas, autoscalers. */
import type { DaemonSet } from '#api/apps/daemon-set';
import type { Deployment } from '#api/apps/deployment';
import type { ReplicaSet } from '#api/apps/replica-set';
import type { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import type { Job } from '#api/batch/job';
import type { Node } from '#api/core/node';
import type { Pod } from '#api/core/pod';
import type { ResourceQuota } from '#api/core/resource-quota';
import { milliUnits, parseQuantity } from '#api/meta/quantity';
import type { StoreEvent } from '#store/store';
import { type ClusterView, isActive } from './cluster-view.ts';

type Check = (view: ClusterView, event: StoreEvent) => string | undefined;

const isNewPod = ({ key, type, previous }: StoreEvent): boolean =>
  type === 'put' && previous === undefined && key.startsWith('/core/pods/');

function controllerOf({
  object,
}: StoreEvent): { readonly kind: string; readonly name: string; readonly uid: string } | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** No more pods than the owner asks for, each node one of a daemon set, no more sets than the surge allows. */
export const checkReplicas: Check = (view, event) => {
  if (event.key.startsWith('/apps/replicasets/') && event.type === 'put')
    return checkSurge(view, event.object as ReplicaSet);
  if (!isNewPod(event)) return undefined;
  const owner = controllerOf(event);
  if (owner?.kind === 'DaemonSet') return checkDaemonPods(view, event.object as Pod, owner);
  if (owner?.kind !== 'ReplicaSet' && owner?.kind !== 'ReplicationController') return undefined;
  const plural = owner.kind === 'ReplicaSet' ? '/apps/replicasets' : '/core/replicationcontrollers';
  const set = view.find<ReplicaSet>(`${plural}/${event.object.metadata.namespace ?? ''}/${owner.name}`);
  if (set?.metadata.uid !== owner.uid) return undefined;
  const most = view.mostWished(owner.uid, set.spec.replicas ?? 1);
  const found = view.activePods(owner.uid).length;
  return found > most ? `${owner.kind} ${owner.name} has ${found} pods and asked for at most ${most}` : undefined;
};

function checkDaemonPods(
  view: ClusterView,
  pod: Pod,
  owner: { readonly name: string; readonly uid: string },
): string | undefined {
  const set = view.find<DaemonSet>(`/apps/daemonsets/${pod.metadata.namespace ?? ''}/${owner.name}`);
  if (
    set?.spec.updateStrategy?.rollingUpdate?.maxSurge !== undefined &&
    set.spec.updateStrategy.rollingUpdate.maxSurge !== 0
  )
    return undefined;
  const target = targetOf(pod);
  const same = view.activePods(owner.uid).filter((each) => targetOf(each) === target).length;
  return same > 1 ? `DaemonSet ${owner.name} has ${same} pods for ${target}` : undefined;
}

/** A daemon set names the node in the affinity of its pod. */
function targetOf({ spec }: Pod): string {
  const [term] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return term?.matchFields?.[0]?.values?.[0] ?? spec.nodeName ?? '';
}

const countOf = (value: number | string | undefined, of: number): number =>
  typeof value === 'string' ? Math.ceil((Number.parseInt(value, 10) / 100) * of) : (value ?? 0);

function checkSurge(view: ClusterView, changed: ReplicaSet): string | undefined {
  const owner = changed.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind !== 'Deployment') return undefined;
  const { namespace = '' } = changed.metadata;
  const deployment = view.find<Deployment>(`/apps/deployments/${namespace}/${owner.name}`);
  const rolling = deployment?.spec.strategy?.rollingUpdate;
  if (deployment === undefined || rolling === undefined) return undefined;
  const sets = view
    .allOf<ReplicaSet>(`/apps/replicasets/${namespace}/`)
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.uid) === true);
  const total = sets.reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0);
  const wished = view.mostWished(owner.uid, deployment.spec.replicas ?? 1);
  const most = wished + countOf(rolling.maxSurge, wished);
  return total > most ? `Deployment ${owner.name} has sets of ${total} pods and may have ${most}` : undefined;
}

const succeededPods = new WeakMap<ClusterView, Map<string, Set<string>>>();

/** Never more at once than allowed, and each success counted once. */
export const checkJobs: Check = (view, event) => {
  const owner = event.key.startsWith('/core/pods/') ? controllerOf(event) : undefined;
  const ended = succeededPods.get(view) ?? new Map<string, Set<string>>();
  succeededPods.set(view, ended);
  if (owner?.kind === 'Job') {
    const pod = event.object as Pod;
    if (pod.status?.phase === 'Succeeded') {
      ended.set(owner.uid, (ended.get(owner.uid) ?? new Set()).add(pod.metadata.uid));
    }
    const job = view.find<Job>(`/batch/jobs/${pod.metadata.namespace ?? ''}/${owner.name}`);
    if (job === undefined || !isNewPod(event)) return undefined;
    const most = view.mostWished(owner.uid, job.spec.parallelism ?? 1);
    const found = view.activePods(owner.uid).length;
    return found > most ? `Job ${owner.name} has ${found} pods at once and may have ${most}` : undefined;
  }
  if (!event.key.startsWith('/batch/jobs/')) return undefined;
  const { metadata, status, spec } = event.object as Job;
  const counted = status?.succeeded ?? 0;
  const really = ended.get(metadata.uid)?.size ?? 0;
  if (counted > really) return `Job ${metadata.name} counts ${counted} successes of ${really}`;
  const before = (event.previous as Job | undefined)?.status?.succeeded ?? 0;
  if (counted < before) return `Job ${metadata.name} counts ${counted} successes after ${before}`;
  const most = spec.completions ?? Number.POSITIVE_INFINITY;
  return spec.completionMode === 'Indexed' && counted > most
    ? `Job ${metadata.name} counts ${counted} of ${most}`
    : undefined;
};

const cpuOf = ({ spec }: Pod): number =>
  spec.containers.reduce((sum, { resources }) => sum + milli(resources?.requests?.['cpu']), 0);
const milli = (text: string | number | undefined): number =>
  text === undefined ? 0 : Number(milliUnits(parseQuantity(String(text))));

/** No node is promised more than it has. */
export const checkNodes: Check = (view, event) => {
  if (!event.key.startsWith('/core/pods/') || event.type === 'delete') return undefined;
  const { nodeName } = (event.object as Pod).spec;
  if (nodeName === undefined || (event.previous as Pod | undefined)?.spec.nodeName === nodeName) return undefined;
  const node = view.sim.cluster.store.get(`/core/nodes/${nodeName}`) as Node | undefined;
  if (node === undefined) return undefined;
  const cpu = milli(node.status?.allocatable?.['cpu']);
  const on = [...view.pods()].filter(
    ({ spec, status }) => spec.nodeName === nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  );
  const used = on.reduce((sum, pod) => sum + cpuOf(pod), 0);
  return used > cpu ? `${nodeName} has ${cpu} m of CPU and pods that ask for ${used} m` : undefined;
};

// What is made before a quota is counted for the first time is not charged, and its counter may die before it looks again.
const COUNTED_MS = 60_000;
const countedSince = new WeakMap<ClusterView, Map<string, number>>();

/** No namespace is given more pods than its quota once that is counted. */
export const checkQuotas: Check = (view, event) => {
  const since = countedSince.get(view) ?? new Map<string, number>();
  countedSince.set(view, since);
  const { uid, namespace = '' } = event.object.metadata;
  if (event.key.startsWith('/core/resourcequotas/')) {
    if ((event.object as ResourceQuota).status?.hard !== undefined && !since.has(uid)) since.set(uid, view.nowMs);
    return undefined;
  }
  if (!isNewPod(event)) return undefined;
  for (const quota of view.allOf<ResourceQuota>(`/core/resourcequotas/${namespace}/`)) {
    const hard = quota.spec?.hard?.['pods'];
    const countedAtMs = since.get(quota.metadata.uid) ?? view.nowMs;
    if (hard === undefined || view.nowMs - countedAtMs < COUNTED_MS) continue;
    const most = view.mostWished(quota.metadata.uid, Number(hard));
    const found = [...view.pods()].filter((pod) => pod.metadata.namespace === namespace && isActive(pod)).length;
    if (found > most) return `Namespace ${namespace} has ${found} pods and a quota of ${most}`;
  }
  return undefined;
};

/** An autoscaler keeps what it scales between its bounds. */
export const checkAutoscalers: Check = (view, event) => {
  if (!event.key.startsWith('/apps/deployments/') || event.type === 'delete') return undefined;
  const { metadata, spec } = event.object as Deployment;
  const before = (event.previous as Deployment | undefined)?.spec.replicas;
  if (before === undefined || before === spec.replicas) return undefined;
  const scaler = view
    .allOf<HorizontalPodAutoscaler>(`/autoscaling/horizontalpodautoscalers/${metadata.namespace ?? ''}/`)
    .find(({ spec: { scaleTargetRef } }) => scaleTargetRef.name === metadata.name);
  if (scaler === undefined) return undefined;
  const { minReplicas = 1, maxReplicas } = scaler.spec;
  const now = spec.replicas ?? 1;
  return now < minReplicas || now > maxReplicas
    ? `Deployment ${metadata.name} is scaled to ${now} outside ${minReplicas} to ${maxReplicas}`
    : undefined;
};
