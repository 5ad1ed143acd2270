/** Validates what is reported of a job: whoever runs it, it ends once, and its counts only grow. */
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, invalid, invalidAsWhole, required } from '../meta/field-error.ts';
import { isConditionTrue } from '../meta/conditions.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { parseTime } from '../meta/time.ts';
import type { Job, JobStatus, UncountedTerminatedPods } from '../types/batch-v1.ts';
import { validateCounts } from '../workload/counts.ts';
import { firstShared, IndexesError, parseIndexes } from './indexes.ts';
import { isComplete, isFailed, isFailing, isFinished, isIndexed, isSucceeding, isSuspended } from './job-state.ts';

/** An update: rules that a change of the spec can break for a while hold only for what the update itself touches. */
type Update = { readonly next: Job; readonly stored: Job; readonly status: JobStatus; readonly before: JobStatus };

const COUNTS = [
  'active',
  'succeeded',
  'failed',
  'ready',
  'terminating',
] as const satisfies readonly (keyof JobStatus)[];

export function* validateJobStatusUpdate(next: Job, stored: Job): Generator<FieldError> {
  const update = { next, stored, status: next.status ?? {}, before: stored.status ?? {} };
  yield* validateCounts(update.status, COUNTS, 'status');
  yield* validateUncounted(update.status.uncountedTerminatedPods ?? {});
  yield* validateEnd(update);
  yield* validateCompletionTime(update);
  yield* validateRemains(update);
  yield* validateIndexSets(update);
  yield* validateLasting(update);
  yield* validateGrowth(update);
  yield* validateCompletionMoment(update);
  yield* validateStart(update);
}

function* validateUncounted({ succeeded = [], failed = [] }: UncountedTerminatedPods): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [key, uids] of Object.entries({ succeeded, failed }))
    for (const [index, uid] of uids.entries()) {
      const field = `status.uncountedTerminatedPods.${key}[${index}]`;
      if (uid === '') yield invalid(field, uid, 'must not be empty');
      else if (seen.has(uid)) yield duplicate(field, uid);
      seen.add(uid);
    }
}

const CONDITIONS = 'status.conditions';

/** Whether the job has another standing than before, by one of these readings. */
const changes = ({ next, stored }: Update, ...readings: readonly ((job: Job) => boolean)[]): boolean =>
  readings.some((reading) => reading(next) !== reading(stored));

const touches = ({ status, before }: Update, ...keys: readonly (keyof JobStatus)[]): boolean =>
  keys.some((key) => !semanticEqual(status[key], before[key]));

type Reading = (job: Job) => boolean;
type Contradiction = readonly [between: readonly Reading[], holds: Reading, problem: string];

// Two conditions that a job must not have at once, or must not have one without the other.
const CONTRADICTIONS: readonly Contradiction[] = [
  [[isComplete, isFailed], both(isComplete, isFailed), 'cannot set Complete=True and Failed=true conditions'],
  [[isComplete, isFailing], both(isComplete, isFailing), 'cannot set Complete=True and FailureTarget=true conditions'],
  [
    [isFailed, isFailing],
    (job) => isFailed(job) && !isFailing(job),
    'cannot set Failed=True condition without the FailureTarget=true condition',
  ],
  [
    [isComplete, isSucceeding],
    (job) => isComplete(job) && !isSucceeding(job),
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  ],
];
const NEVER_BOTH: readonly (readonly [holds: Reading, problem: string])[] = [
  [both(isSucceeding, isFailed), 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
  [both(isSucceeding, isFailing), 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
];

function both(left: Reading, right: Reading): Reading {
  return (job) => left(job) && right(job);
}

function* validateEnd(update: Update): Generator<FieldError> {
  for (const [between, holds, problem] of CONTRADICTIONS)
    if (changes(update, ...between) && holds(update.next)) yield invalidAsWhole(CONDITIONS, problem);
  for (const [holds, problem] of NEVER_BOTH) if (holds(update.next)) yield invalidAsWhole(CONDITIONS, problem);
}

function* validateCompletionTime(update: Update): Generator<FieldError> {
  if (!changes(update, isComplete) && !touches(update, 'completionTime')) return;
  const { completionTime } = update.status;
  const field = 'status.completionTime';
  if (completionTime !== undefined && !isComplete(update.next)) {
    const problem = 'cannot set completionTime when there is no Complete=True condition';
    yield invalid(field, completionTime, problem);
  }
  if (completionTime === undefined && isComplete(update.next))
    yield required(field, 'completionTime is required for Complete jobs');
}

type Remains = readonly [
  key: 'active' | 'startTime' | 'uncountedTerminatedPods' | 'terminating',
  isWrong: (status: JobStatus) => boolean,
  error: (field: string, value: unknown) => FieldError,
];

// A job that has ended has nothing left that runs, ends or is to be counted.
const REMAINS: readonly Remains[] = [
  [
    'active',
    ({ active = 0 }) => active > 0,
    (field, value) => invalid(field, value, 'active>0 is invalid for finished job'),
  ],
  [
    'startTime',
    ({ startTime }) => startTime === undefined,
    (field) => required(field, 'startTime is required for finished job'),
  ],
  [
    'uncountedTerminatedPods',
    ({ uncountedTerminatedPods: { succeeded = [], failed = [] } = {} }) => succeeded.length + failed.length > 0,
    (field, value) => invalid(field, value, 'uncountedTerminatedPods needs to be empty for finished job'),
  ],
  [
    'terminating',
    ({ terminating = 0 }) => terminating > 0,
    (field, value) => invalid(field, value, 'terminating>0 is invalid for finished job'),
  ],
];

function* validateRemains(update: Update): Generator<FieldError> {
  const { next, status } = update;
  const ends = changes(update, isFinished);
  for (const [key, isWrong, error] of isFinished(next) ? REMAINS : [])
    if ((ends || touches(update, key)) && isWrong(status)) yield error(`status.${key}`, status[key]);
  const { active = 0, ready = 0 } = status;
  if (touches(update, 'ready', 'active') && ready > active)
    yield invalid('status.ready', ready, 'cannot set more ready pods than active');
}

type IndexKey = 'completedIndexes' | 'failedIndexes';

function* validateIndexSets(update: Update): Generator<FieldError> {
  const { next, status } = update;
  const { backoffLimitPerIndex } = next.spec;
  const { completedIndexes = '', failedIndexes } = status;
  const completed = yield* validateIndexSet(update, 'completedIndexes', true);
  const failed = yield* validateIndexSet(update, 'failedIndexes', backoffLimitPerIndex !== undefined);
  if (touches(update, 'completedIndexes') && completedIndexes !== '' && !isIndexed(next.spec)) {
    const problem = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    yield invalid('status.completedIndexes', completedIndexes, problem);
  }
  if (touches(update, 'failedIndexes') && failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const problem = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    yield invalid('status.failedIndexes', failedIndexes, problem);
  }
  const shared = firstShared(completed, failed);
  if (shared !== undefined && touches(update, 'completedIndexes', 'failedIndexes')) {
    const problem = `failedIndexes and completedIndexes overlap at index: ${shared}`;
    yield invalid('status.failedIndexes', failedIndexes, problem);
  }
}

/** The set, or an empty one if it cannot be read. */
function* validateIndexSet(
  update: Update,
  key: IndexKey,
  isChecked: boolean,
): Generator<FieldError, ReturnType<typeof parseIndexes>> {
  const { [key]: text = '' } = update.status;
  try {
    return parseIndexes(text, update.next.spec.completions ?? Infinity);
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    if (isChecked && touches(update, key))
      yield invalid(`status.${key}`, text, `error parsing ${key}: ${error.message}`);
    return [];
  }
}

const LASTING = ['Failed', 'Complete', 'FailureTarget'];

/** What an update must not take back. */
function* validateLasting({ next, stored, status, before }: Update): Generator<FieldError> {
  const isLost = (type: string): boolean =>
    isConditionTrue(before.conditions, type) && !isConditionTrue(status.conditions, type);
  for (const type of LASTING)
    if (isLost(type)) yield invalidAsWhole(CONDITIONS, `cannot disable the terminal ${type}=True condition`);
  if (isLost('SuccessCriteriaMet'))
    yield invalidAsWhole(CONDITIONS, 'cannot disable the SuccessCriteriaMet=True condition');
  if (isComplete(stored) && !isSucceeding(stored) && isSucceeding(next)) {
    const problem = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
    yield invalidAsWhole(CONDITIONS, problem);
  }
}

function* validateGrowth({ next: { spec }, status, before }: Update): Generator<FieldError> {
  const { failed = 0, succeeded = 0 } = status;
  if (failed < (before.failed ?? 0)) yield invalid('status.failed', failed, 'cannot decrease the failed counter');
  // An indexed job that becomes narrower forgets the indexes that are gone.
  const mayShrink = isIndexed(spec) && spec.completions === spec.parallelism;
  if (succeeded < (before.succeeded ?? 0) && !mayShrink)
    yield invalid('status.succeeded', succeeded, 'cannot decrease the succeeded counter');
}

function* validateCompletionMoment(update: Update): Generator<FieldError> {
  const { startTime, completionTime } = update.status;
  if (completionTime === undefined) return;
  const field = 'status.completionTime';
  const isBefore = startTime !== undefined && parseTime(completionTime) < parseTime(startTime);
  if (isBefore && touches(update, 'startTime', 'completionTime'))
    yield invalid(field, completionTime, 'completionTime cannot be set before startTime');
  if (update.before.completionTime !== undefined && touches(update, 'completionTime'))
    yield invalid(field, completionTime, 'completionTime cannot be mutated');
}

function* validateStart(update: Update): Generator<FieldError> {
  const { next, status, before } = update;
  if (before.startTime === undefined || !touches(update, 'startTime') || isSuspended(next.spec)) return;
  // Resuming starts the job anew.
  const isResumed = isConditionTrue(before.conditions, 'Suspended') && !isConditionTrue(status.conditions, 'Suspended');
  if (!isResumed || status.startTime === undefined)
    yield required('status.startTime', 'startTime cannot be removed for unsuspended job');
}
