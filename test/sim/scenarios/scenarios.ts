/** Every scenario there is: each controller has a part in at least one. */
import type { Scenario } from '../scenario.ts';
import { cron, jobs } from './batch.ts';
import { claims, daemon, parallel, stateful } from './ordered.ts';
import { garbage, namespaces } from './ownership.ts';
import { rollback } from './rollbacks.ts';
import { autoscaler, budget, nodeLoss, recreate, rollout, sets, steadyRollout } from './replicated.ts';

export const SCENARIOS: readonly Scenario[] = [
  rollout,
  steadyRollout,
  recreate,
  sets,
  stateful,
  claims,
  parallel,
  daemon,
  jobs,
  cron,
  budget,
  autoscaler,
  garbage,
  namespaces,
  nodeLoss,
  rollback,
];
