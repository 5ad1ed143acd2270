/** Finds nodes for pods: learns what there is in the cluster, follows it, and gives every waiting pod its turn. */
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import { PodGroup } from '#api/scheduling/pod-group';
import { Decider } from './decider.ts';
import type { SchedulingView } from './explain/explainer.ts';
import { Follower } from './follower.ts';
import { type SchedulerOptions, type SchedulerParts, schedulerParts } from './parts.ts';
import { PromisedPods } from './promised-pods.ts';
import { followSurroundings } from './surroundings.ts';
import { Turns } from './turns.ts';

/** Schedules until `signal` aborts. */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const { informers } = options;
  const parts = schedulerParts(options);
  const decider = new Decider(parts);
  const promised = new PromisedPods(parts, decider);
  const follower = new Follower(parts, promised);
  await informers.for(Node).synced;
  using _nodes = informers.for(Node).subscribe((change) => follower.onNode(change));
  using _claims = await parts.claims.follow((event) => parts.queue.wake(event));
  using _surroundings = await followSurroundings(informers, parts.state, (event) => parts.queue.wake(event));
  await informers.for(PodDisruptionBudget).synced;
  using _budgets = informers.for(PodDisruptionBudget).subscribe(() => decider.forgetBudgets());
  await informers.for(PodGroup).synced;
  using _groups = informers.for(PodGroup).subscribe((change) => follower.onGroup(change));
  await informers.for(Pod).synced;
  // They may be a million.
  using _pods = await informers.for(Pod).subscribeInParts((change) => follower.onPod(change));
  options.onView?.(viewOf(parts, decider));
  await new Turns(parts, decider, promised).run();
}

function viewOf({ state, profiles, queue }: SchedulerParts, decider: Decider): SchedulingView {
  return {
    state,
    schedulerNames: [...profiles.keys()],
    profileFor: (pod) => decider.profileNow(pod),
    waiting: () => queue.refused(),
  };
}
