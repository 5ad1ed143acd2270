/** Tells in events that a container is held back, once for each time it is. */
import type { Pod } from '#api/core/pod';
import type { ContainerStatus, PodStatus } from '#api/types/core-v1';
import type { AgentContext } from '../agent-context.ts';
import { podLabel } from '../plan/format.ts';
import { fieldPath } from './operation.ts';

type Change = { readonly before: PodStatus; readonly after: PodStatus };

export function reportWaiting(agent: Pick<AgentContext, 'events'>, pod: Pod, { before, after }: Change): void {
  const known = new Map(statusesOf(before).map((status) => [status.name, status]));
  for (const status of statusesOf(after)) {
    const waiting = status.state?.waiting;
    const old = known.get(status.name);
    if (waiting?.reason === undefined || !isNew(status, old)) continue;
    const path = fieldPath(pod, status.name);
    if (waiting.reason === 'CrashLoopBackOff') {
      const message = `Back-off restarting failed container ${status.name} in pod ${podLabel(pod)}`;
      agent.events.report(pod, { type: 'Warning', reason: 'BackOff', message }, path);
    }
    if (waiting.reason === 'ImagePullBackOff') {
      const message = `Back-off pulling image ${JSON.stringify(status.image)}`;
      agent.events.report(pod, { type: 'Normal', reason: 'BackOff', message }, path);
      agent.events.report(pod, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' }, path);
    }
  }
}

function statusesOf(status: PodStatus): readonly ContainerStatus[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
}

function isNew(status: ContainerStatus, old: ContainerStatus | undefined): boolean {
  return old?.state?.waiting?.reason !== status.state?.waiting?.reason || old?.restartCount !== status.restartCount;
}
