/** What is played through in a simulation: a span of time and what happens in it. */
import { counted, spanText } from './words.ts';

export const SCENARIO_VERSION = 'simulate.tutti.io/v1alpha1';

export type WorkloadRef = { readonly kind: string; readonly namespace: string; readonly name: string };

/** Nodes by name, by zone, or by label selector. */
export type NodeChoice =
  | { readonly nodes: readonly string[] }
  | { readonly zone: string }
  | { readonly selector: string };

export type Action =
  /** Cordons the nodes and evicts their pods, budgets kept. */
  | { readonly type: 'drain'; readonly on: NodeChoice }
  | { readonly type: 'uncordon'; readonly on: NodeChoice }
  /** The nodes are without power; they come back unless that is after the end. */
  | { readonly type: 'outage'; readonly on: NodeChoice; readonly forMs: number }
  /** One after the other is drained, away for a while, and back. */
  | { readonly type: 'upgradeNodes'; readonly on: NodeChoice; readonly awayMs: number }
  | { readonly type: 'addNodes'; readonly add: NewNodes }
  | { readonly type: 'removeNodes'; readonly on: NodeChoice }
  /** What the workload's ready pods use of CPU, all together. */
  | { readonly type: 'traffic'; readonly workload: WorkloadRef; readonly milliCores: number }
  | { readonly type: 'rollout'; readonly workload: WorkloadRef; readonly container?: string; readonly image: string }
  | { readonly type: 'scale'; readonly workload: WorkloadRef; readonly replicas: number };

export type NewNodes = {
  readonly count: number;
  readonly namePrefix: string;
  readonly milliCores: number;
  readonly memoryBytes: number;
  readonly pods: number;
  readonly labels: Readonly<Record<string, string>>;
};

export type TimedAction = { readonly atMs: number; readonly action: Action };

export type Scenario = {
  readonly name: string;
  readonly durationMs: number;
  /** Before the first moment that counts: the copy of the cluster comes to rest. */
  readonly warmUpMs: number;
  readonly actions: readonly TimedAction[];
};

export const ZONE_LABEL = 'topology.kubernetes.io/zone';

export function actionText(action: Action): string {
  switch (action.type) {
    case 'drain':
      return `drain ${choiceText(action.on)}`;
    case 'uncordon':
      return `uncordon ${choiceText(action.on)}`;
    case 'outage':
      return `outage of ${choiceText(action.on)} for ${spanText(action.forMs / 1_000)}`;
    case 'upgradeNodes':
      return `upgrade ${choiceText(action.on)} one by one`;
    case 'addNodes':
      return `add ${counted(action.add.count, 'node')}`;
    case 'removeNodes':
      return `remove ${choiceText(action.on)}`;
    case 'traffic':
      return `traffic of ${workloadText(action.workload)} takes ${action.milliCores}m of CPU`;
    case 'rollout':
      return `roll out ${action.image} to ${workloadText(action.workload)}`;
    case 'scale':
      return `scale ${workloadText(action.workload)} to ${action.replicas}`;
  }
}

export const workloadText = ({ kind, namespace, name }: WorkloadRef): string => `${kind} ${namespace}/${name}`;

function choiceText(on: NodeChoice): string {
  if ('nodes' in on) return on.nodes.join(', ');
  return 'zone' in on ? `zone ${on.zone}` : `nodes with ${on.selector}`;
}
