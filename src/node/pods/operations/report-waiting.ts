/** Tells in events that a container is held back, once for each time it is. */
import type { Pod } from '#api/core/pod';
import type { ContainerStatus, PodStatus } from '#api/types/core-v1';
import type { AgentContext } from '../agent-context.ts';
import { podLabel } from '../plan/format.ts';
import { fieldPath } from './operation.ts';

type Change = { readonly before: PodStatus; readonly after: PodStatus };

export function reportWaiting(agent: Pick<AgentContext, 'events'>, pod: Pod, { before, after }: Change): void {
  for (const list of LISTS) {
    for (const status of after[list] ?? NONE) {
      if (!isHeldBack(status)) continue;
      const old = before[list]?.find(({ name }) => name === status.name);
      if (isNew(status, old)) tell(agent, pod, status);
    }
  }
}

const LISTS = ['initContainerStatuses', 'containerStatuses'] as const;
const NONE: readonly ContainerStatus[] = [];

const HELD_BACK: readonly (string | undefined)[] = ['CrashLoopBackOff', 'ImagePullBackOff'];

function isHeldBack({ state }: ContainerStatus): boolean {
  return HELD_BACK.includes(state?.waiting?.reason);
}

function tell({ events }: Pick<AgentContext, 'events'>, pod: Pod, { name, image, state }: ContainerStatus): void {
  const path = fieldPath(pod, name);
  if (state?.waiting?.reason === 'CrashLoopBackOff') {
    const message = `Back-off restarting failed container ${name} in pod ${podLabel(pod)}`;
    events.report(pod, { type: 'Warning', reason: 'BackOff', message }, path);
  } else {
    const message = `Back-off pulling image ${JSON.stringify(image)}`;
    events.report(pod, { type: 'Normal', reason: 'BackOff', message }, path);
    events.report(pod, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' }, path);
  }
}

function isNew(status: ContainerStatus, old: ContainerStatus | undefined): boolean {
  return old?.state?.waiting?.reason !== status.state?.waiting?.reason || old?.restartCount !== status.restartCount;
}
