/** Watches over the nodes: one that falls silent is marked, tainted, and its pods count as not ready. */
import { Lease } from '#api/coordination/lease';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isReady, podCondition } from '#api/core/pod-state';
import type { Change } from '#client/informer';
import { defineController, indexed, on, type Context, type Controller } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { tellPod } from '../pods/tell-pod.ts';
import { EvictionGate } from './eviction-gate.ts';
import { Heartbeats } from './heartbeats.ts';
import {
  graceOf,
  LEAST_GRACE_MS,
  NOT_READY,
  planSilence,
  planTaints,
  readinessOf,
  UNREACHABLE,
  type Readiness,
} from './plan.ts';
import { SteadyClock } from './steady-clock.ts';
import { Zones, zoneOf } from './zones.ts';

const LEASES = 'kube-node-lease';
// Not a node's key.
const TICK = '';
// As often as upstream looks at all nodes.
const TICK_MS = 5_000;
const NOBODY: readonly string[] = [];
const BY_NODE = 'controllers/node';

export const podsByNode = indexed(Pod, BY_NODE, ({ spec }) => spec.nodeName);

export function podsOn(node: string, context: Context): readonly Pod[] {
  return context.informer(Pod).byIndex(BY_NODE, node);
}

export function nodeLifecycle(): Controller {
  const heartbeats = new Heartbeats();
  const steady = new SteadyClock();
  const gate = new EvictionGate();
  const zones = new Zones();
  const last = new Map<string, { readonly node: Node; readonly readiness: Readiness }>();
  /** Nodes whose pods are still to be marked. */
  const unmarked = new Set<string>();
  let ticking = false;
  /** The node itself, and all of them when this changes whether pods may be driven off. */
  const concerned = (change: Change<Node>, context: Context): readonly string[] => {
    const names = [(change.after ?? change.before)?.metadata.name ?? '', ...(ticking ? [] : [TICK])];
    ticking = true;
    if (!zones.follow(change)) return names;
    const nodes = context.informer(Node).list();
    return [...names, ...nodes.map(({ metadata }) => metadata.name)];
  };
  const note = (name: string, context: Context): Node | undefined => {
    const node = context.get(Node, { name });
    if (node === undefined) heartbeats.forget(name);
    else heartbeats.note(node, steady.read(context.now()));
    return node;
  };
  /** Marking one is a change of it, which all else follows from. */
  const markSilentNodes = async (context: Context): Promise<void> => {
    for (const name of heartbeats.silentSince(steady.read(context.now()) - LEAST_GRACE_MS)) {
      const node = note(name, context);
      if (node === undefined || leftMsOf(node, context) > 0) continue;
      await markSilent(node, context);
      heartbeats.knowSilent(name);
    }
  };
  const leftMsOf = (node: Node, context: Context): number =>
    graceOf(node) - heartbeats.silentForMs(node.metadata.name, steady.read(context.now()));
  const announce = (key: string, found: Node | undefined, context: Context): void => {
    const known = last.get(key)?.node;
    if (found === undefined) {
      last.delete(key);
      unmarked.delete(key);
      if (known !== undefined) tell(known, ['RemovingNode', `Removing Node ${key} from Controller`], context);
    } else if (known === undefined) tell(found, ['RegisteredNode', `Registered Node ${key} in Controller`], context);
  };
  /** Pods are marked once: an agent that is there after all says itself how they are. */
  const followFall = async (node: Node, before: Readiness | undefined, context: Context): Promise<void> => {
    const { name } = node.metadata;
    const now = readinessOf(node);
    if (now === 'True') {
      unmarked.delete(name);
      return;
    }
    if (before === 'True') reportFall(node, context);
    // What had fallen before we were there may not have been followed to its end.
    if (before === 'True' || (before === undefined && now === 'Unknown')) unmarked.add(name);
    if (unmarked.has(name)) await markPods(node, context);
    unmarked.delete(name);
  };
  return defineController({
    name: 'node-controller',
    reads: [Node, Lease, Pod],
    writes: [Node, Pod],
    workers: 1, // zones share their pace
    triggers: [
      on(Node, concerned),
      // A renewal only moves the deadline: who has missed it is found in time.
      on(Lease, ({ after }, context) => {
        if (after?.metadata.namespace === LEASES) {
          heartbeats.renewed(after.metadata.name, after.spec.renewTime, steady.read(context.now()));
        }
        return NOBODY;
      }),
      podsByNode,
    ],
    async reconcile(key, context) {
      if (key === TICK) {
        await markSilentNodes(context);
        return { againInMs: TICK_MS };
      }
      const found = note(key, context);
      announce(key, found, context);
      if (found === undefined) return undefined;
      const node = leftMsOf(found, context) > 0 ? found : await markSilent(found, context);
      const readiness = readinessOf(node);
      const before = last.get(key)?.readiness;
      last.set(key, { node, readiness });
      await followFall(node, before, context);
      const eviction = evictionOf(node, { gate, zones, nowMs: steady.read(context.now()) });
      await writeTaints(node, eviction.evicts, context);
      return { againInMs: eviction.againInMs };
    },
  });
}

async function markSilent(node: Node, { client, now }: Context): Promise<Node> {
  const conditions = planSilence(node, now());
  if (conditions === node.status?.conditions) return node;
  const status = { ...node.status, conditions };
  return (await unlessMissing(client.update(Node, { ...node, status }, { subresource: 'status' }))) ?? node;
}

type Told = readonly [reason: string, what: string];

function tell(node: Node, [reason, what]: Told, { events }: Context): void {
  events.report(node, { type: 'Normal', reason, message: `Node ${node.metadata.name} event: ${what}` });
}

function reportFall(node: Node, { events }: Context): void {
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
  events.report(node, { type: 'Normal', reason: 'NodeNotReady', message });
}

/** Nobody can say any more whether the pods of a silent node serve: they count as not ready. */
async function markPods(node: Node, context: Context): Promise<void> {
  for (const pod of podsOn(node.metadata.name, context)) {
    const ready = podCondition(pod, 'Ready');
    if (!isReady(pod) || ready === undefined) continue;
    await tellPod(pod, { condition: { ...ready, status: 'False' } }, context);
    context.events.report(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
  }
}

type Eviction = { readonly evicts: boolean; readonly againInMs?: number | undefined };

type Turn = { readonly gate: EvictionGate; readonly zones: Zones; readonly nowMs: number };

function evictionOf(node: Node, { gate, zones, nowMs }: Turn): Eviction {
  if (readinessOf(node) === 'True' || !hasReported(node)) return { evicts: false };
  const pace = zones.paceOf(node);
  if (pace === 'lift') return { evicts: false };
  if (isDriven(node)) return { evicts: true };
  const waitMs = gate.waitMs(zoneOf(node), pace, nowMs);
  return waitMs === 0 ? { evicts: true } : { evicts: false, againInMs: waitMs };
}

/** A node that nothing is known about yet has no pods to lose. */
function hasReported({ status }: Node): boolean {
  return status?.conditions?.some(({ type }) => type === 'Ready') ?? false;
}

function isDriven({ spec }: Node): boolean {
  return (
    spec.taints?.some(({ key, effect }) => effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE)) ??
    false
  );
}

async function writeTaints(node: Node, evicts: boolean, { client, now }: Context): Promise<void> {
  const taints = planTaints(node, { evicts, nowMs: now() });
  if (taints === (node.spec.taints ?? []) || sameTaints(node, taints)) return;
  const { taints: _before, ...spec } = node.spec;
  await unlessMissing(client.update(Node, { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } }));
}

function sameTaints({ spec }: Node, taints: readonly unknown[]): boolean {
  return spec.taints === taints || (spec.taints === undefined && taints.length === 0);
}
