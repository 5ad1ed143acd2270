/** Tells in an event that a pod has used up its active deadline, once. */
import type { Pod } from '#api/core/pod';
import type { PodStatus } from '#api/types/core-v1';
import type { AgentContext } from '../agent-context.ts';
import { DEADLINE } from '../plan/plan-ending.ts';

type Change = { readonly before: PodStatus; readonly after: PodStatus };

export function reportDeadline(agent: Pick<AgentContext, 'events'>, pod: Pod, { before, after }: Change): void {
  if (after.reason !== DEADLINE.reason || before.reason === after.reason) return;
  agent.events.report(pod, { type: 'Normal', ...DEADLINE });
}
