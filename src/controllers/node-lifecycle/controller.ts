/** Watches over the nodes: one that falls silent is marked, tainted, and its pods count as not ready. */
import { Lease } from '#api/coordination/lease';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isReady, podCondition } from '#api/core/pod-state';
import type { Change } from '#client/informer';
import { defineController, indexed, on, type Context, type Controller, type Outcome } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { tellPod } from '../pods/tell-pod.ts';
import { EvictionGate } from './eviction-gate.ts';
import { Heartbeats } from './heartbeats.ts';
import { graceOf, NOT_READY, planSilence, planTaints, readinessOf, UNREACHABLE, type Readiness } from './plan.ts';
import { planPaces, zoneOf } from './plan-disruption.ts';

const LEASES = 'kube-node-lease';
const BY_NODE = 'controllers/node';

export const podsByNode = indexed(Pod, BY_NODE, ({ spec }) => (spec.nodeName === undefined ? [] : [spec.nodeName]));

export function podsOn(node: string, context: Context): readonly Pod[] {
  return context.informer(Pod).byIndex(BY_NODE, node);
}

export function nodeLifecycle(): Controller {
  const heartbeats = new Heartbeats();
  const gate = new EvictionGate();
  const last = new Map<string, { readonly node: Node; readonly readiness: Readiness }>();
  let paces = '';
  /** The node itself, and all of them when this changes whether pods may be driven off. */
  const concerned = ({ before, after }: Change<Node>, context: Context): readonly string[] => {
    const names = [(after ?? before)?.metadata.name ?? ''];
    if (before && after && readinessOf(before) === readinessOf(after) && zoneOf(before) === zoneOf(after)) return names;
    const nodes = context.informer(Node).list();
    const now = JSON.stringify([...planPaces(nodes)]);
    if (now === paces) return names;
    paces = now;
    return [...names, ...nodes.map(({ metadata }) => metadata.name)];
  };
  const note = (name: string, context: Context): Node | undefined => {
    const node = context.get(Node, { name });
    const lease = context.get(Lease, { namespace: LEASES, name });
    if (node === undefined) heartbeats.forget(name);
    else heartbeats.note(node, lease, context.now());
    return node;
  };
  const announce = (key: string, found: Node | undefined, context: Context): void => {
    const known = last.get(key)?.node;
    if (found === undefined) {
      last.delete(key);
      if (known !== undefined) tell(known, ['RemovingNode', `Removing Node ${key} from Controller`], context);
    } else if (known === undefined) tell(found, ['RegisteredNode', `Registered Node ${key} in Controller`], context);
  };
  return defineController({
    name: 'node-controller',
    reads: [Node, Lease, Pod],
    writes: [Node, Pod],
    workers: 1, // zones share their pace
    triggers: [
      on(Node, concerned),
      // A renewal only moves the deadline: the node is looked at again when that passes.
      on(Lease, ({ after }, context) => {
        if (after?.metadata.namespace === LEASES) note(after.metadata.name, context);
        return [];
      }),
      podsByNode,
    ],
    async reconcile(key, context) {
      const found = note(key, context);
      announce(key, found, context);
      if (found === undefined) return undefined;
      const leftMs = graceOf(found) - heartbeats.silentForMs(key, context.now());
      const node = leftMs > 0 ? found : await markSilent(found, context);
      const readiness = readinessOf(node);
      const fell = last.get(key)?.readiness === 'True' && readiness !== 'True';
      last.set(key, { node, readiness });
      if (fell) reportFall(node, context);
      if (fell || (leftMs <= 0 && readiness === 'Unknown')) await markPods(node, context);
      const eviction = evictionOf(node, gate, context);
      await writeTaints(node, eviction.evicts, context);
      return sooner(leftMs > 0 ? leftMs : undefined, eviction.againInMs);
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

function evictionOf(node: Node, gate: EvictionGate, context: Context): Eviction {
  if (readinessOf(node) === 'True' || !hasReported(node)) return { evicts: false };
  const zone = zoneOf(node);
  const pace = planPaces(context.informer(Node).list()).get(zone) ?? 'never';
  if (pace === 'lift') return { evicts: false };
  if (isDriven(node)) return { evicts: true };
  const waitMs = gate.waitMs(zone, pace, context.now());
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

function sooner(...waits: readonly (number | undefined)[]): Outcome {
  const known = waits.filter((wait) => wait !== undefined);
  return { againInMs: known.length === 0 ? undefined : Math.min(...known) };
}
