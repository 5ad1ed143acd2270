import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerReference } from '#api/meta/owner-reference';
import type { PodResourceClaim, PodStatus } from '#api/types/core-v1';
import type { DeviceClass, ResourceClaim, ResourceClaimStatus, ResourceSlice } from '#api/types/resource-v1';
import { aNode } from '#test/builders/nodes';
import { aMeta, aPod, CREATED } from '#test/builders/workloads';
import { planNodeDevices, planPodDevices } from './plan-devices.ts';
import { gatherPools } from './pools.ts';

const CLASS: DeviceClass = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: aMeta('gpu'),
  spec: {},
};

type ClaimParts = {
  readonly status?: ResourceClaimStatus;
  readonly meta?: Partial<ResourceClaim['metadata']>;
  readonly deviceClassName?: string;
};

const aClaim = ({ status = {}, meta = {}, deviceClassName = 'gpu' }: ClaimParts = {}): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: aMeta('shared', meta),
  spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName } }] } },
  status,
});

const SHARED: PodResourceClaim = { name: 'gpu', resourceClaimName: 'shared' };
const OWN: PodResourceClaim = { name: 'gpu', resourceClaimTemplateName: 'template' };
const MADE: PodStatus = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'shared' }] };

type Use = { readonly use?: PodResourceClaim; readonly status?: PodStatus; readonly isUnderWay?: boolean };

function planned(
  claim: ResourceClaim | undefined,
  { use = SHARED, status = {}, isUnderWay = false }: Use = {},
): unknown {
  const pod = aPod({ spec: { resourceClaims: [use] }, status });
  const plan = planPodDevices(pod, {
    claim: () => claim,
    deviceClass: (name) => (name === 'gpu' ? CLASS : undefined),
    isUnderWay: () => isUnderWay,
  });
  return typeof plan === 'string' ? plan : [plan.allocated.length, plan.open.length, plan.requested.length];
}

test('[DRA40] a pod waits until its claims are there and its own, and says so in the words of upstream', () => {
  const owner = [controllerReference(aPod(), { apiVersion: 'v1', kind: 'Pod' })];
  const allocation = {};
  const users = Array.from({ length: 256 }, (_, index) => ({ resource: 'pods', name: 'x', uid: String(index) }));
  assert.deepEqual(
    [
      planned(aClaim()),
      planned(aClaim({ status: { allocation } })),
      planned(undefined, { use: OWN }),
      planned(undefined, { use: OWN, status: { resourceClaimStatuses: [{ name: 'gpu' }] } }),
      planned(undefined),
      planned(aClaim({ meta: { deletionTimestamp: CREATED } })),
      planned(aClaim(), { use: OWN, status: MADE }),
      planned(aClaim({ meta: { ownerReferences: owner } }), { use: OWN, status: MADE }),
      planned(aClaim({ status: { allocation, reservedFor: users } })),
      planned(aClaim(), { isUnderWay: true }),
      planned(aClaim({ deviceClassName: 'fpga' })),
    ],
    [
      [0, 1, 1],
      [1, 0, 0],
      'pod "default/web-1": ResourceClaim not created yet',
      [0, 0, 0],
      'resourceclaim.resource.k8s.io "shared" not found',
      'resourceclaim "shared" is being deleted',
      'ResourceClaim default/shared was not created for pod default/web-1 (pod is not owner)',
      [0, 1, 1],
      'resourceclaim in use',
      'resource claim default/shared is in the process of being allocated',
      'request gpu: device class fpga does not exist',
    ],
  );
});

test('[DRA41] a node must reach the devices that the pod has, and give it those that it lacks', () => {
  const node = aNode({ name: 'n1' });
  const onNode = (name: string): ResourceClaim =>
    aClaim({
      status: {
        allocation: {
          nodeSelector: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
          },
        },
      },
    });
  const offer = { node, pools: [], used: new Set<string>() };
  const plan = (allocated: ResourceClaim): unknown =>
    planNodeDevices({ allocated: [allocated], open: [], requested: [] }, offer);
  assert.deepEqual([plan(onNode('n1')), plan(onNode('n2'))], [[], 'resourceclaim not available on the node']);
  const wish = { request: 'gpu', deviceClass: CLASS, selectors: [], count: 1, isAdmin: false };
  const claim = aClaim();
  const requested = [{ claim, request: 'gpu', alternatives: [wish] }];
  assert.equal(planNodeDevices({ allocated: [], open: [claim], requested }, offer), 'cannot allocate all claims');
});

test('[DRA39] a selector that was stored and is none any more keeps the pod waiting, and nothing else', () => {
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
  const slice: ResourceSlice = {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: aMeta('s'),
    spec: { driver: 'gpu.example', pool, nodeName: 'n1', devices: [{ name: 'gpu-0' }] },
  };
  const offer = { node: aNode({ name: 'n1' }), pools: gatherPools([slice]), used: new Set<string>() };
  const plan = (expression: string): unknown => {
    const wish = { request: 'gpu', deviceClass: CLASS, selectors: [{ cel: { expression } }], count: 1, isAdmin: false };
    const claim = aClaim();
    const requested = [{ claim, request: 'gpu', alternatives: [wish] }];
    return planNodeDevices({ allocated: [], open: [claim], requested }, offer);
  };
  assert.match(
    String(plan('device.driver > 1')),
    /^CEL compile error: ERROR: <input>:1:15: found no matching overload/,
  );
  assert.equal(plan('device.attributes["x.example"].y'), 'CEL runtime error: no such key: y');
});
