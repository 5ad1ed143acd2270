/** Nodes for tests: ready and roomy unless a test says otherwise. */
import type { Node, NodeSpec, NodeStatus } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { CREATED } from './workloads.ts';

type NodeParts = {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly meta?: Partial<ObjectMeta>;
  readonly spec?: NodeSpec;
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly status?: Partial<NodeStatus>;
};

export function aNode({
  name = 'node-1',
  labels = {},
  meta = {},
  spec = {},
  allocatable = {},
  status = {},
}: NodeParts = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, uid: `uid-of-${name}`, resourceVersion: '1', creationTimestamp: CREATED, ...meta },
    spec,
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable },
      conditions: [{ type: 'Ready', status: 'True' }],
      ...status,
    },
  };
}
