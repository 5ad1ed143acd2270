/** Does what a scenario says, as an operator would: through the API, and by switching machines off and on. */
import { Deployment } from '#api/apps/deployment';
import { DaemonSet } from '#api/apps/daemon-set';
import { ReplicaSet } from '#api/apps/replica-set';
import { StatefulSet } from '#api/apps/stateful-set';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { ReplicationController } from '#api/core/replication-controller';
import { isApiError } from '#api/errors';
import { matchesLabels } from '#api/meta/label-selector';
import { parseSelector } from '#api/meta/label-selector-parser';
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { PodTemplateSpec } from '#api/types/core-v1';
import { type Action, type NodeChoice, type WorkloadRef, workloadText, ZONE_LABEL } from './scenario.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { counted } from './words.ts';
import type { Workloads } from './workloads.ts';

export type Performing = {
  readonly cluster: SimulatedCluster;
  readonly workloads: Workloads;
  /** When the simulation ends: what waits for longer is given up. */
  readonly endMs: number;
};

const EVICT_EVERY_MS = 5_000;
const LEAST_MS_LEFT = 1;

/** Resolves with what came of it, in words. */
export async function performAction(action: Action, performing: Performing): Promise<string> {
  try {
    return await perform(action, performing);
  } catch (error) {
    // What the API refuses an operator is an answer too.
    if (!isApiError(error)) throw error;
    return `refused: ${error.message}`;
  }
}

async function perform(action: Action, performing: Performing): Promise<string> {
  const { cluster } = performing;
  switch (action.type) {
    case 'drain':
      return await onEach(action.on, performing, (name) => drain(name, performing));
    case 'uncordon':
      return await onEach(action.on, performing, (name) => cordon(cluster, name, false));
    case 'outage':
      return await onEach(action.on, performing, (name) => lose(name, action.forMs, performing));
    case 'upgradeNodes':
      return await upgrade(action, performing);
    case 'addNodes':
      return await add(action, performing);
    case 'removeNodes':
      return await onEach(action.on, performing, (name) => remove(name, cluster));
    case 'traffic':
      return await lead(action, performing);
    case 'rollout':
      return await rollOut(action, cluster);
    case 'scale':
      return await change(cluster, action.workload, ({ spec, ...rest }) => ({
        ...rest,
        spec: { ...spec, replicas: action.replicas },
      }));
  }
}

type Chosen = { readonly names: readonly string[]; readonly isThere: (name: string) => boolean };

async function chosenNodes({ client }: SimulatedCluster, on: NodeChoice): Promise<Chosen> {
  const { items } = await client.list(Node);
  const known = new Set(items.map(({ metadata }) => metadata.name));
  const isThere = (name: string): boolean => known.has(name);
  if ('nodes' in on) return { names: on.nodes, isThere };
  const fits =
    'zone' in on
      ? ({ metadata }: Node) => metadata.labels?.[ZONE_LABEL] === on.zone
      : ({ metadata }: Node) => matchesLabels(parseSelector(on.selector), metadata.labels);
  const names = items.filter(fits).map(({ metadata }) => metadata.name);
  return { names: names.toSorted(), isThere };
}

type OnNode = (name: string) => Promise<string>;

/** All at once; what differs from node to node is told of each. */
async function onEach(on: NodeChoice, { cluster }: Performing, act: OnNode): Promise<string> {
  const { names, isThere } = await chosenNodes(cluster, on);
  if (names.length === 0) return 'no node fits';
  const outcomes = await Promise.all(
    names.map(async (name) => ({ name, outcome: isThere(name) ? await act(name) : `there is no ${name}` })),
  );
  const alike = [...Map.groupBy(outcomes, ({ outcome }) => outcome)];
  if (alike.length === 1) return alike[0]?.[0] ?? '';
  return alike
    .map(([outcome, nodes]) => `${nodes.length === 1 ? nodes[0]?.name : `${nodes.length} nodes`}: ${outcome}`)
    .join('; ');
}

async function cordon({ client }: SimulatedCluster, name: string, unschedulable: boolean): Promise<string> {
  return await orMissing(name, async () => {
    await retry(async () => {
      const node = await client.get(Node, { name });
      await client.update(Node, { ...node, spec: { ...node.spec, unschedulable } });
    });
    return 'done';
  });
}

async function drain(name: string, { cluster, workloads, endMs }: Performing): Promise<string> {
  const cordoned = await cordon(cluster, name, true);
  if (cordoned !== 'done') return cordoned;
  const { world } = cluster;
  const startMs = world.clock.now();
  for (;;) {
    const left = workloads.podsOn(name).filter((pod) => !isTerminal(pod) && !isOfDaemonSet(pod));
    if (left.length === 0) return `empty after ${Math.round((world.clock.now() - startMs) / 1_000)} s`;
    if (world.clock.now() + EVICT_EVERY_MS >= endMs) return `not empty at the end: ${counted(left.length, 'pod')} left`;
    for (const pod of left) if (pod.metadata.deletionTimestamp === undefined) await evict(cluster, pod);
    await world.clock.sleep(EVICT_EVERY_MS);
  }
}

const isOfDaemonSet = ({ metadata }: Pod): boolean =>
  metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller === true) === true;

async function evict({ client }: SimulatedCluster, { metadata }: Pod): Promise<void> {
  const ref = { namespace: metadata.namespace ?? '', name: metadata.name };
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: ref };
  try {
    await client.createSubresource(Pod, { ref, subresource: 'eviction', body });
  } catch (error) {
    // The budget does not allow it now, or it went by itself.
    if (!isApiError(error, 'TooManyRequests', 'NotFound', 'Conflict')) throw error;
  }
}

async function lose(name: string, forMs: number, { cluster, endMs }: Performing): Promise<string> {
  const { world } = cluster;
  cluster.powerOff(name);
  const leftMs = endMs - world.clock.now();
  if (forMs >= leftMs) return 'not back before the end';
  await world.clock.sleep(Math.max(LEAST_MS_LEFT, forMs));
  cluster.powerOn(name);
  return 'back';
}

async function upgrade(
  { on, awayMs }: Extract<Action, { type: 'upgradeNodes' }>,
  performing: Performing,
): Promise<string> {
  const { cluster, endMs } = performing;
  const { names } = await chosenNodes(cluster, on);
  if (names.length === 0) return 'no node fits';
  let upgraded = 0;
  for (const name of names) {
    const drained = await drain(name, performing);
    if (!drained.startsWith('empty')) return `${upgraded} of ${names.length} upgraded, then ${name}: ${drained}`;
    if ((await lose(name, awayMs, performing)) !== 'back')
      return `${upgraded} of ${names.length} upgraded before the end`;
    await cordon(cluster, name, false);
    upgraded++;
    if (cluster.world.clock.now() >= endMs) break;
  }
  return `${upgraded} of ${names.length} upgraded`;
}

async function add({ add: wanted }: Extract<Action, { type: 'addNodes' }>, { cluster }: Performing): Promise<string> {
  const { count, namePrefix, ...rest } = wanted;
  const names = Array.from({ length: count }, (_, index) => `${namePrefix}-${index + 1}`);
  const { isThere } = await chosenNodes(cluster, { nodes: names });
  const taken = names.find(isThere);
  if (taken !== undefined) return `there is a ${taken} already`;
  for (const name of names) await cluster.addNode({ name, ...rest });
  return 'done';
}

async function remove(name: string, cluster: SimulatedCluster): Promise<string> {
  cluster.powerOff(name);
  return await orMissing(name, async () => {
    await cluster.client.delete(Node, { name });
    return 'done';
  });
}

async function orMissing(what: string, act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    return `there is no ${what}`;
  }
}

type Templated = ApiObject & { readonly spec: { readonly template: PodTemplateSpec; readonly replicas?: number } };

const TYPES: Readonly<Record<string, ResourceType>> = {
  Deployment: Deployment as ResourceType,
  StatefulSet: StatefulSet as ResourceType,
  DaemonSet: DaemonSet as ResourceType,
  ReplicaSet: ReplicaSet as ResourceType,
  ReplicationController: ReplicationController as ResourceType,
};

async function lead(
  { workload, milliCores }: Extract<Action, { type: 'traffic' }>,
  { cluster, workloads }: Performing,
): Promise<string> {
  return await orMissing(workloadText(workload), async () => {
    await cluster.client.get(typeOf(workload), refOf(workload));
    workloads.setTraffic(workload, milliCores);
    return 'done';
  });
}

async function rollOut(
  { workload, container, image }: Extract<Action, { type: 'rollout' }>,
  cluster: SimulatedCluster,
): Promise<string> {
  return await orMissing(workloadText(workload), async () => {
    const { spec } = await cluster.client.get(typeOf(workload), refOf(workload));
    const names = (spec.template.spec?.containers ?? []).map(({ name }) => name);
    const meant = container ?? names[0] ?? '';
    if (!names.includes(meant)) return `there is no container ${meant} in ${workloadText(workload)}`;
    return await change(cluster, workload, (object) => withImage(object, { container: meant, image }));
  });
}

const typeOf = ({ kind }: WorkloadRef): ResourceType<Templated> => TYPES[kind] as ResourceType<Templated>;
const refOf = ({ namespace, name }: WorkloadRef): ObjectRef => ({ namespace, name });

async function change(
  { client }: SimulatedCluster,
  workload: WorkloadRef,
  edit: (object: Templated) => Templated,
): Promise<string> {
  const [type, ref] = [typeOf(workload), refOf(workload)];
  return await orMissing(workloadText(workload), async () => {
    await retry(async () => {
      await client.update(type, edit(await client.get(type, ref)));
    });
    return 'done';
  });
}

function withImage(
  object: Templated,
  { container, image }: { readonly container: string; readonly image: string },
): Templated {
  const { template } = object.spec;
  const containers = (template.spec?.containers ?? []).map((each) =>
    each.name === container ? { ...each, image } : each,
  );
  const spec = { ...template.spec, containers };
  return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
}

/** Again when somebody else wrote first. */
async function retry(act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error;
    }
  }
}
