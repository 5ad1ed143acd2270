/** Decides what is told of a job whose status has changed. */
import { findCondition } from '#api/meta/conditions';
import type { Job, JobStatus } from '#api/types/batch-v1';

type JobEvent = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

const TOO_MANY: JobEvent = {
  type: 'Warning',
  reason: 'TooManySucceededPods',
  message: 'Too many succeeded pods running after completion count reached',
};

export function planEvents({ spec, status: before }: Job, after: JobStatus): readonly JobEvent[] {
  const fresh = (after.conditions ?? []).filter(
    ({ type, status }) => findCondition(before?.conditions, type)?.status !== status,
  );
  const isTooMuch = (after.succeeded ?? 0) > (spec.completions ?? Infinity);
  return fresh.flatMap(({ type, status, reason = '', message = '' }): readonly JobEvent[] => {
    switch (`${type}=${status}`) {
      case 'Suspended=True':
        return [{ type: 'Normal', reason: 'Suspended', message }];
      case 'Suspended=False':
        return [{ type: 'Normal', reason: 'Resumed', message }];
      case 'Complete=True':
        return [...(isTooMuch ? [TOO_MANY] : []), { type: 'Normal', reason: 'Completed', message: 'Job completed' }];
      case 'Failed=True':
        return [{ type: 'Warning', reason, message }];
      default:
        return [];
    }
  });
}
