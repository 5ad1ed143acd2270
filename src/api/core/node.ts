/** A machine that runs pods. */
import { AGE_COLUMN, column, NAME_COLUMN, NONE, wideColumn } from '../meta/columns.ts';
import { findCondition } from '../meta/conditions.ts';
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, forbidden, invalid } from '../meta/field-error.ts';
import { isDualStack, validateCidr } from '../meta/ip.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { repeatsIn } from '../meta/repeats.ts';
import { defineResource } from '../resource.ts';
import type * as core from '../types/core-v1.ts';
import { validateAmount } from './pod/resources.ts';
import { validateTaints } from './pod/taints.ts';

export type Node = core.Node;

const UNKNOWN = '<unknown>';

export const Node = defineResource<Node>(
  {
    group: '',
    version: 'v1',
    kind: 'Node',
    plural: 'nodes',
    namespaced: false,
  },
  {
    shortNames: ['no'],
    hasStatus: true,
    applyDefaults,
    validateName: checkDnsSubdomain,
    validate: (node) => [...validate(node)],
    validateUpdate: (next, stored) => [...validateSpecUpdate(next.spec, stored.spec), ...validateAddresses(next)],
    validateStatusUpdate: (next) => [...validateAmounts(next), ...validateAddresses(next)],
    columns: [
      NAME_COLUMN,
      column('Status', 'Whether the node is ready, and whether it takes new pods.', statusOf),
      column('Roles', 'What the node is for, from its labels.', (node) => rolesOf(node).join(',') || NONE),
      AGE_COLUMN,
      column('Version', 'The version of its agent.', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
      wideColumn('Internal-IP', 'Its address among the nodes.', (node) => addressOf(node, 'InternalIP')),
      wideColumn('External-IP', 'Its address to the outside.', (node) => addressOf(node, 'ExternalIP')),
      wideColumn('OS-Image', 'Its operating system.', ({ status }) => status?.nodeInfo?.osImage || UNKNOWN),
      wideColumn('Kernel-Version', 'Its kernel.', ({ status }) => status?.nodeInfo?.kernelVersion || UNKNOWN),
      wideColumn(
        'Container-Runtime',
        'What runs its containers.',
        ({ status }) => status?.nodeInfo?.containerRuntimeVersion || UNKNOWN,
      ),
    ],
    selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
  },
);

function applyDefaults(node: Node): Node {
  const { spec, status } = node;
  return {
    ...node,
    spec: { ...spec, ...rangesOf(spec) },
    ...(status === undefined ? {} : { status: { ...status, ...offerOf(status) } }),
  };
}

/** The first range of pod addresses stands alone and in the list of all; where they differ, the one that stands alone counts. */
function rangesOf({ podCIDR = '', podCIDRs = [] }: core.NodeSpec): core.NodeSpec {
  const first = podCIDR === '' ? podCIDRs[0] : podCIDR;
  if (first === undefined) return {};
  return { podCIDR: first, podCIDRs: podCIDRs[0] === first ? podCIDRs : [first] };
}

/** A node that does not say what may be used of it offers all it has. */
function offerOf({ capacity, allocatable = capacity }: core.NodeStatus): core.NodeStatus {
  return allocatable === undefined ? {} : { allocatable };
}

function* validate(node: Node): Generator<FieldError> {
  yield* validateTaints(node.spec.taints ?? [], 'metadata.taints');
  yield* validateAmounts(node);
  yield* validatePodRanges(node.spec.podCIDRs ?? [], 'spec.podCIDRs');
}

function* validateAmounts({ status = {} }: Node): Generator<FieldError> {
  for (const list of ['capacity', 'allocatable'] as const)
    for (const [name, text] of Object.entries(status[list] ?? {}))
      yield* validateAmount(name, text, `status.${list}.${name}`);
}

function* validatePodRanges(ranges: readonly string[], field: string): Generator<FieldError> {
  for (const [index, range] of ranges.entries()) yield* validateCidr(range, `${field}[${index}]`);
  if (ranges.length < 2) return;
  if (!isDualStack(ranges)) yield invalid(field, ranges, 'may specify no more than one CIDR for each IP family');
  for (const index of repeatsIn(ranges)) yield duplicate(`${field}[${index}]`, ranges[index]);
}

function* validateAddresses({ status }: Node): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, address] of (status?.addresses ?? []).entries()) {
    const key = `${address.type} ${address.address}`;
    if (seen.has(key)) yield duplicate(`status.addresses[${index}]`, address);
    seen.add(key);
  }
}

/** What a node gets once, it keeps: pods and clouds know it by that. */
function* validateSpecUpdate(next: core.NodeSpec, stored: core.NodeSpec): Generator<FieldError> {
  const [before, after] = [stored.podCIDRs ?? [], next.podCIDRs ?? []];
  if (before.length > 0 && before.join() !== after.join())
    yield forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  if (stored.providerID && stored.providerID !== next.providerID)
    yield forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid');
  if ((stored.externalID ?? '') !== (next.externalID ?? '')) yield forbidden('spec.externalID', 'may not be updated');
}

function statusOf({ spec, status }: Node): string {
  const ready = findCondition(status?.conditions, 'Ready')?.status;
  const state = ready === 'True' ? 'Ready' : 'NotReady';
  return `${ready === undefined ? 'Unknown' : state}${spec.unschedulable === true ? ',SchedulingDisabled' : ''}`;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function rolesOf({ metadata: { labels = {} } }: Node): readonly string[] {
  const roles = Object.entries(labels).map(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return key.slice(ROLE_PREFIX.length);
    return key === 'kubernetes.io/role' ? value : '';
  });
  return [...new Set(roles)].filter((role) => role !== '').toSorted();
}

function addressOf({ status }: Node, type: string): string {
  return status?.addresses?.find((address) => address.type === type)?.address ?? NONE;
}
