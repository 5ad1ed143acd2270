/** Answers what a gang's cycle asks: at once, or after others have been heard. */
import type { Pod } from '#api/core/pod';
import type { Decision } from '../decision.ts';
import type { GangCycle, GangOutcome } from './gang-cycle.ts';

export function runCycle(cycle: GangCycle, decide: (pod: Pod) => Decision): GangOutcome {
  let step = cycle.next();
  while (step.done !== true) {
    const pod = step.value;
    step = answer(cycle, () => decide(pod));
  }
  return step.value;
}

/** `decide` may find that what it has looked at has changed meanwhile, and answers nothing: then it is asked again. */
export async function runCycleSlowly(
  cycle: GangCycle,
  decide: (pod: Pod) => Promise<Decision | undefined>,
): Promise<GangOutcome> {
  let step = cycle.next();
  while (step.done !== true) {
    const [asked] = await Promise.allSettled([decide(step.value)]);
    if (asked.status === 'fulfilled' && asked.value === undefined) continue;
    step = answer(cycle, () => valueOf(asked));
  }
  return step.value;
}

/** The cycle hears of what went wrong, and takes back what it has done so far. */
function answer(cycle: GangCycle, decide: () => Decision): IteratorResult<Pod, GangOutcome> {
  let decision: Decision;
  try {
    decision = decide();
  } catch (error) {
    return cycle.throw(error);
  }
  return cycle.next(decision);
}

function valueOf(asked: PromiseSettledResult<Decision | undefined>): Decision {
  if (asked.status === 'rejected') throw asked.reason;
  return asked.value as Decision;
}
