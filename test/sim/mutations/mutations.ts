/** Faults that are planted on purpose: each takes one promise out of the code, and the simulator must notice. */

export type Mutation = {
  readonly name: string;
  /** Inside the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Where it shows. */
  readonly scenario: string;
};

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'stale read: controllers do not see their own writes',
    file: 'src/controllers/framework/context.ts',
    find: 'restricted(observingClient(client, informers, observing), controller)',
    replace: 'restricted(client, controller)',
    scenario: 'sets',
  },
  {
    name: 'lost requeue: what failed is not tried again',
    file: 'src/controllers/framework/run-controller.ts',
    find: 'queue.retry(key);',
    replace: '',
    scenario: 'garbage',
  },
  {
    name: 'wrong bound: one pod more than the surge',
    file: 'src/controllers/deployment/plan-rolling.ts',
    find: 'replicas + boundsOf(deployment).maxSurge',
    replace: 'replicas + 1 + boundsOf(deployment).maxSurge',
    scenario: 'steady-rollout',
  },
  {
    name: 'wrong bound: one pod fewer than must be available',
    file: 'src/controllers/deployment/plan-rolling.ts',
    find: 'const least = wantedReplicas(deployment) - boundsOf(deployment).maxUnavailable;',
    replace: 'const least = wantedReplicas(deployment) - boundsOf(deployment).maxUnavailable - 1;',
    scenario: 'steady-rollout',
  },
  {
    name: 'lost identity: pods of unreachable nodes are forgotten at once',
    file: 'src/controllers/taint-eviction/controller.ts',
    find: 'client.delete(Pod, refOf(pod), {',
    replace: 'client.delete(Pod, refOf(pod), { gracePeriodSeconds: 0,',
    scenario: 'stateful',
  },
  {
    name: 'double work: a success is noted each time it is seen',
    file: 'src/controllers/job/plan-report.ts',
    find: "const end = known.has(pod.metadata.uid) ? 'uncounted' : endOf(pod, finding);",
    replace: 'const end = known.size < 0 ? undefined : endOf(pod, finding);',
    scenario: 'jobs',
  },
  {
    name: 'lost deletion: informers keep what the stream says is gone',
    file: 'src/client/object-cache.ts',
    find: 'else this.#remove(object);',
    replace: 'else this.#removed.size;',
    scenario: 'stateful',
  },
  {
    name: 'overdrawn budget: evictions are not charged',
    file: 'src/apiserver/registry/disruption/plan-eviction.ts',
    find: 'disruptionsAllowed: disruptionsAllowed - 1,',
    replace: 'disruptionsAllowed,',
    scenario: 'budget',
  },
  {
    name: 'unkept quota: refusals are not heard',
    file: 'src/apiserver/admission/quota/charge-quotas.ts',
    find: "if ('refusal' in plan) throw admissionForbidden({ definition, object: next }, plan.refusal);",
    replace: "if ('refusal' in plan) return;",
    scenario: 'namespaces',
  },
  {
    name: 'wrong bound: the autoscaler goes two beyond its most',
    file: 'src/autoscale/horizontal/plan.ts',
    find: 'max: autoscaler.spec.maxReplicas }',
    replace: 'max: autoscaler.spec.maxReplicas + 2 }',
    scenario: 'autoscaler',
  },
  {
    name: 'early end: a namespace goes before what is in it',
    file: 'src/controllers/namespace/controller.ts',
    find: 'if (remains.length === 0 && failures.length === 0) {',
    replace: 'if (failures.length === 0) {',
    scenario: 'namespaces',
  },
  {
    name: 'lost wake-up: nobody tells dependents that their owner is gone',
    file: 'src/controllers/garbage-collection/controller.ts',
    find: 'if (after === undefined) return [...dependentKeys(object, state, context), ...ownerKeys(object, state)];',
    replace: 'if (after === undefined) return [];',
    scenario: 'garbage',
  },
  {
    name: 'hasty verdict: a revision has failed before its time is over',
    file: 'src/controllers/deployment/plan-rollback.ts',
    find: 'return progress.reason === TIMED_OUT && isAbout(progress, current);',
    replace: 'return isAbout(progress, current);',
    scenario: 'rollback',
  },
  {
    name: 'lost verdict: a revision that never works is not taken back',
    file: 'src/controllers/deployment/plan-rollback.ts',
    find: 'return !isAvailable(deployment, current) && fallbackFor(current, others) !== undefined;',
    replace: 'return false;',
    scenario: 'rollback',
  },
  {
    name: 'wrong clock: time that nobody watched is held against the nodes',
    file: 'src/controllers/node-lifecycle/steady-clock.ts',
    find: 'this.#passedMs += Math.min(Math.max(0, sinceMs), LONGEST_MS);',
    replace: 'this.#passedMs += sinceMs;',
    scenario: 'rollback',
  },
];
