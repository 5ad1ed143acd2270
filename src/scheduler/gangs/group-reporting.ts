/** Tells in the status of a pod group whether it has found its places. */
import { isApiError } from '#api/errors';
import { findCondition, setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { refOf } from '#api/object';
import { INITIALLY_SCHEDULED, PodGroup } from '#api/scheduling/pod-group';
import { asError } from '#base/errors';
import type { ReporterOptions } from '../reporting.ts';

/** `message`: why not, when it has not. Once it has, that is not taken back. */
export async function reportGroup(options: ReporterOptions, group: PodGroup, message?: string): Promise<void> {
  const known = findCondition(group.status?.conditions, INITIALLY_SCHEDULED);
  if (known?.status === 'True' || (known !== undefined && known.message === message)) return;
  const condition = {
    type: INITIALLY_SCHEDULED,
    ...(message === undefined ? SCHEDULED : { status: 'False', reason: 'Unschedulable', message }),
    observedGeneration: group.metadata.generation ?? 0,
    lastTransitionTime: formatTime(options.world.clock.now()),
  };
  const [stays] = setCondition(known === undefined ? [] : [known], condition);
  await write(options, group, { status: { conditions: [stays] } });
}

const SCHEDULED = { status: 'True', reason: 'Scheduled', message: '' };

async function write(options: ReporterOptions, group: PodGroup, document: object): Promise<void> {
  try {
    const patch = { type: 'application/strategic-merge-patch+json', document } as const;
    await options.client.patch(PodGroup, { ref: refOf(group), patch }, { subresource: 'status' });
  } catch (error) {
    if (options.signal.aborted || isApiError(error, 'NotFound')) return;
    options.logger.warn('cannot report on a pod group', { group: group.metadata.name, error: asError(error) });
  }
}
