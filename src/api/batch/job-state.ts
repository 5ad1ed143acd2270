/** What a job's spec and status say about it. Pure readings that several components share. */
import { isConditionTrue } from '../meta/conditions.ts';
import type { Job, JobSpec } from '../types/batch-v1.ts';

export const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === 'Indexed';

export const isSuspended = ({ suspend }: JobSpec): boolean => suspend === true;

export const isComplete = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'Complete');

export const isFailed = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'Failed');

/** Complete or Failed: nothing more will be done for it. */
export const isFinished = (job: Job): boolean => isComplete(job) || isFailed(job);

/** Failed for good, while its pods may still be ending. */
export const isFailing = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'FailureTarget');

/** Succeeded for good, while its pods may still be ending. */
export const isSucceeding = ({ status }: Job): boolean => isConditionTrue(status?.conditions, 'SuccessCriteriaMet');
