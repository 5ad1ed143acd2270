/** Tells in the status of a pod group whether it has found its places. */
import { isApiError } from '#api/errors';
import { findCondition, setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { refOf } from '#api/object';
import { INITIALLY_SCHEDULED, PodGroup } from '#api/scheduling/pod-group';
import type { Condition } from '#api/types/meta-v1';
import { asError } from '#base/errors';
import type { ReporterOptions } from '../reporting.ts';

/** Why a group has not found its places. */
export type Shortfall = { readonly reason: 'Unschedulable' | 'SchedulerError'; readonly message: string };

/** Without a shortfall it has. Once it has, that is not taken back. */
export async function reportGroup(options: ReporterOptions, group: PodGroup, shortfall?: Shortfall): Promise<void> {
  const known = findCondition(group.status?.conditions, INITIALLY_SCHEDULED);
  const { reason, message } = shortfall ?? SCHEDULED;
  if (isSettled(known) || (known?.reason === reason && known.message === message)) return;
  const condition = {
    type: INITIALLY_SCHEDULED,
    status: shortfall === undefined ? 'True' : 'False',
    reason,
    message,
    observedGeneration: group.metadata.generation ?? 0,
    lastTransitionTime: formatTime(options.world.clock.now()),
  };
  const [stays] = setCondition(known === undefined ? [] : [known], condition);
  await write(options, group, { status: { conditions: [stays] } });
}

const isSettled = (condition: Condition | undefined): boolean => condition?.status === 'True';

const SCHEDULED = { reason: 'Scheduled', message: '' };

async function write(options: ReporterOptions, group: PodGroup, document: object): Promise<void> {
  try {
    const patch = { type: 'application/strategic-merge-patch+json', document } as const;
    await options.client.patch(PodGroup, { ref: refOf(group), patch }, { subresource: 'status' });
  } catch (error) {
    if (options.signal.aborted || isApiError(error, 'NotFound')) return;
    options.logger.warn('cannot report on a pod group', { group: group.metadata.name, error: asError(error) });
  }
}
