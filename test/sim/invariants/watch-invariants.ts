/** Checks after every committed change what must hold at every moment, whatever fails. */
import type { SimCluster } from '../sim-cluster.ts';
import type { Scenario } from '../scenario.ts';
import { ClusterView } from './cluster-view.ts';
import { checkBudgets, checkPledges } from './availability.ts';
import { checkAutoscalers, checkJobs, checkNodes, checkQuotas, checkReplicas } from './bounds.ts';
import { checkRollbacks } from './rollbacks.ts';
import { checkIdentities } from './identities.ts';

/** The answer tells what was broken so far. */
export function watchInvariants(sim: SimCluster, scenario: Scenario): () => readonly string[] {
  const view = new ClusterView(sim, scenario);
  const broken = new Set<string>();
  const tell = (what: string | undefined): void => {
    if (what !== undefined && broken.size < 20)
      broken.add(`at ${Math.round((view.nowMs - view.startedMs) / 1_000)} s: ${what}`);
  };
  sim.observers.push((events) => {
    for (const event of events) {
      view.take(event);
      for (const check of [checkReplicas, checkJobs, checkNodes, checkQuotas, checkAutoscalers, checkRollbacks])
        tell(check(view, event));
      if (scenario.faults === 'control plane') {
        tell(checkPledges(view, event));
        tell(checkBudgets(view, event));
      }
    }
    void checkIdentities(view).then(tell);
  });
  return () => [...broken];
}
