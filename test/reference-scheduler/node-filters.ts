/** The filters that look at one node and the pods on it, in the order in which they are asked. */
import { matchesNodeSelector } from '#api/core/node-selection';
import { toleratesTaint } from '#api/core/tolerations';
import { hasLabels } from '#api/meta/label-selector';
import type { Node, Pod, Taint } from '#api/types/core-v1';
import { labelsOf, podsOn, type ReferenceCluster } from './cluster.ts';
import { allocatable, plus, requests } from './resources.ts';

/** Why a node is refused; nothing when it is not. `helpless`: no pod that left could change it. */
export type Refusal = { readonly reasons: readonly string[]; readonly helpless: boolean };

export type Filter = (cluster: ReferenceCluster, pod: Pod, node: Node) => Refusal | undefined;

export const helpless = (reason: string): Refusal => ({ reasons: [reason], helpless: true });

export const nodeUnschedulable: Filter = (_, { spec }, node) => {
  const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (node.spec?.unschedulable !== true || tolerates(spec.tolerations, taint)) return undefined;
  return helpless('node(s) were unschedulable');
};

const tolerates = (tolerations: Pod['spec']['tolerations'], taint: Taint): boolean =>
  (tolerations ?? []).some((toleration) => toleratesTaint(toleration, taint));

export const nodeName: Filter = (_, { spec }, node) =>
  !spec.nodeName || spec.nodeName === node.metadata.name
    ? undefined
    : helpless("node(s) didn't match the requested node name");

export const taintToleration: Filter = (_, { spec }, node) => {
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect === 'PreferNoSchedule' || tolerates(spec.tolerations, taint)) continue;
    return helpless(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  }
  return undefined;
};

export const nodeAffinity: Filter = (_, pod, node) =>
  matchesNodeAffinity(pod, node) ? undefined : helpless("node(s) didn't match Pod's node affinity/selector");

/** Whether the pod asks for this node, or for none, by name: nodes that are left out by that are not asked at all. */
export const isAskedFor: Filter = (_, { spec }, node) => {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named.length === 0) return undefined;
    const [first, ...others] = named.map(({ values = [] }) => values);
    for (const name of first ?? []) if (others.every((values) => values.includes(name))) names.add(name);
  }
  if (terms.length === 0 || names.has(node.metadata.name)) return undefined;
  return helpless(names.size === 0 ? 'pod affinity terms conflict' : "node(s) didn't satisfy plugin(s) [NodeAffinity]");
};

export function matchesNodeAffinity({ spec }: Pod, node: Node): boolean {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!hasLabels(labelsOf(node), spec.nodeSelector ?? {})) return false;
  return required === undefined || matchesNodeSelector(required, node);
}

/** Whether the node has no taint that keeps the pod off. */
export const acceptsTaints = (cluster: ReferenceCluster, pod: Pod, node: Node): boolean =>
  taintToleration(cluster, pod, node) === undefined;

type Port = { readonly ip: string; readonly protocol: string; readonly port: number };

export const nodePorts: Filter = (cluster, pod, node) => {
  const taken = podsOn(cluster, node).flatMap(hostPorts);
  const clash = hostPorts(pod).some((wanted) => taken.some((other) => collide(wanted, other)));
  const reasons = ["node(s) didn't have free ports for the requested pod ports"];
  return clash ? { reasons, helpless: false } : undefined;
};

const collide = (one: Port, other: Port): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.ip === other.ip || one.ip === '0.0.0.0' || other.ip === '0.0.0.0');

function hostPorts({ spec }: Pod): readonly Port[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports: Port[] = [];
  for (const container of [...spec.containers, ...sidecars])
    for (const { hostPort = 0, hostIP, protocol } of container.ports ?? [])
      if (hostPort > 0) ports.push({ ip: hostIP || '0.0.0.0', protocol: protocol || 'TCP', port: hostPort });
  return ports;
}

export const nodeResourcesFit: Filter = (cluster, pod, node) => {
  const has = allocatable(node);
  const others = podsOn(cluster, node);
  const used = others.map((other) => requests(other)).reduce(plus, {});
  const reasons: string[] = [];
  let isHelpless = false;
  if (others.length + 1 > (has['pods'] ?? 0)) reasons.push('Too many pods');
  for (const [name, asked] of Object.entries(requests(pod))) {
    if (asked === 0 || asked <= (has[name] ?? 0) - (used[name] ?? 0)) continue;
    reasons.push(`Insufficient ${name}`);
    if (asked > (has[name] ?? 0)) isHelpless = true;
  }
  return reasons.length === 0 ? undefined : { reasons, helpless: isHelpless };
};
