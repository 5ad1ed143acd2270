/** Holds nodes to what is theirs: their own Node, their own Lease, the pods that are bound to them, and volumes made on them. */
import { PROVISIONED_BY } from '#api/core/volume/annotations';
import { HOSTNAME_LABEL, LOCAL_PROVISIONER } from '#api/core/volume/local-volumes';
import { hasLabels } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import type * as core from '#api/types/core-v1';
import type { ResourceSlice } from '#api/types/resource-v1';
import { kindKey } from '../registry/keys.ts';
import { nodeNameOf } from '../authz/node-identity.ts';
import { type AdmissionPlugin, type AdmissionRequest, admissionForbidden } from './admission.ts';

const MIRROR_POD = 'kubernetes.io/config.mirror';
const LEASE_NAMESPACE = 'kube-node-lease';

type Check = (request: AdmissionRequest, nodeName: string) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  '/pods': checkPod,
  '/nodes': checkNode,
  '/persistentvolumes': checkVolume,
  'coordination.k8s.io/leases': checkLease,
  'resource.k8s.io/resourceslices': checkSlice,
};

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  of: Object.keys(CHECKS),
  handles: ({ user }) => nodeNameOf(user) !== undefined,
  validate(request) {
    CHECKS[kindKey(request.definition)]?.(request, nodeNameOf(request.user) ?? '');
  },
};

function refuseUnless(allowed: boolean, request: AdmissionRequest, why: string): void {
  if (!allowed) throw admissionForbidden(request, why);
}

function checkPod(request: AdmissionRequest, nodeName: string): void {
  const pod = request.object as core.Pod;
  const node = JSON.stringify(nodeName);
  if (request.operation === 'create') return checkMirrorPod(request, pod, nodeName);
  const stored = request.stored as core.Pod | undefined;
  const own = stored?.spec.nodeName === nodeName;
  if (request.operation === 'delete') {
    return refuseUnless(own, request, `node ${node} can only delete pods with spec.nodeName set to itself`);
  }
  const unexpected = `unexpected operation "UPDATE", node ${node} can only create and delete mirror pods`;
  refuseUnless(request.subresource === 'status', request, unexpected);
  refuseUnless(own, request, `node ${node} can only update pod status for pods with spec.nodeName set to itself`);
  const sameLabels = semanticEqual(pod.metadata.labels ?? {}, stored?.metadata.labels ?? {});
  refuseUnless(sameLabels, request, `node ${node} cannot update labels through pod status`);
}

function checkMirrorPod(request: AdmissionRequest, { metadata, spec }: core.Pod, nodeName: string): void {
  const node = JSON.stringify(nodeName);
  const isMirror = metadata.annotations?.[MIRROR_POD] !== undefined;
  const why = `pod does not have ${JSON.stringify(MIRROR_POD)} annotation, node ${node} can only create mirror pods`;
  refuseUnless(isMirror, request, why);
  const bound = spec.nodeName === nodeName;
  refuseUnless(bound, request, `node ${node} can only create pods with spec.nodeName set to itself`);
  const [owner, ...others] = metadata.ownerReferences ?? [];
  const owned = owner?.kind === 'Node' && owner.name === nodeName && others.length === 0;
  refuseUnless(owned, request, `node ${node} can only create pods with an owner reference set to itself`);
}

function checkNode(request: AdmissionRequest, nodeName: string): void {
  const next = request.object as core.Node;
  const stored = request.stored as core.Node | undefined;
  const node = JSON.stringify(nodeName);
  const { name } = next.metadata;
  refuseUnless(name === nodeName, request, `node ${node} is not allowed to modify node ${JSON.stringify(name)}`);
  const keys = changedLabels(next, stored).filter(isForbidden).toSorted();
  refuseUnless(keys.length === 0, request, `is not allowed to modify labels: ${keys.join(', ')}`);
  if (request.operation !== 'update') return;
  const sameTaints = semanticEqual(next.spec?.taints ?? [], stored?.spec?.taints ?? []);
  refuseUnless(sameTaints, request, `node ${node} is not allowed to modify taints`);
}

function changedLabels(next: core.Node, stored: core.Node | undefined): readonly string[] {
  const [after, before] = [next.metadata.labels ?? {}, stored?.metadata.labels ?? {}];
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((key) => {
    const value = after[key] ?? '';
    return !(key in after && hasLabels(before, { [key]: value }));
  });
}

const OWN_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);
const OWN_DOMAINS = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const ADMINISTRATORS_DOMAIN = 'node-restriction.kubernetes.io';

/** Labels by which an operator keeps workloads apart are not for nodes to give themselves. */
function isForbidden(key: string): boolean {
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
  if (isWithin(domain, ADMINISTRATORS_DOMAIN)) return true;
  if (!isWithin(domain, 'kubernetes.io') && !isWithin(domain, 'k8s.io')) return false;
  return !OWN_LABELS.has(key) && !OWN_DOMAINS.some((own) => isWithin(domain, own));
}

const isWithin = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);

/** A node offers its own devices. Whose slice is changed is checked before, and never changes itself. */
function checkSlice(request: AdmissionRequest, nodeName: string): void {
  if (request.operation === 'update') return;
  const { spec } = request.object as ResourceSlice;
  const why = `can only ${request.operation} ResourceSlice with the same NodeName as the requesting node`;
  refuseUnless(spec.nodeName === nodeName, request, why);
}

/** A node removes what was made on it when nobody has a claim to it any more. */
function checkVolume(request: AdmissionRequest, nodeName: string): void {
  const { metadata, spec, status } = request.object as core.PersistentVolume;
  const places = (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term) => term.matchExpressions ?? []);
  const isHere = places.some(({ key, values = [] }) => key === HOSTNAME_LABEL && values.includes(nodeName));
  const isOver = metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER && status?.phase === 'Released';
  const why = `node ${JSON.stringify(nodeName)} can only delete released volumes that were made on itself`;
  refuseUnless(request.operation === 'delete' && isHere && isOver, request, why);
}

function checkLease(request: AdmissionRequest, nodeName: string): void {
  const { name, namespace } = request.object.metadata;
  const own = namespace === LEASE_NAMESPACE && name === nodeName;
  const why = `node ${JSON.stringify(nodeName)} can only access node lease with the same name as the requesting node`;
  refuseUnless(own, request, why);
}
