/** Validates a cron job: when it makes jobs, in which time zone, what if one still runs, and what they are like. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, notSupported, required } from '../meta/field-error.ts';
import type { CronJob, CronJobSpec } from '../types/batch-v1.ts';
import { validateCounts } from '../workload/counts.ts';
import { validateJobSpec } from './job-spec.ts';
import { parseSchedule, ScheduleError } from './schedule/parse.ts';
import { loadTimeZone, TimeZoneError } from './schedule/time-zone.ts';

// The name of a job is this name, a dash and ten digits, and no longer than a label.
const NAME_MAX = 52;
const POLICIES: readonly string[] = ['Allow', 'Forbid', 'Replace'];
const SCHEDULE = 'spec.schedule';
const TIME_ZONE = 'spec.timeZone';

export function* validateCronJob({ metadata, spec }: CronJob): Generator<FieldError> {
  const isNew = metadata.resourceVersion === '';
  yield* validateSchedule(spec.schedule);
  if (isNew) {
    if (spec.schedule.includes('TZ')) yield invalid(SCHEDULE, spec.schedule, NO_ZONE_HERE);
    yield* validateTimeZone(spec.timeZone);
  }
  yield* validateCounts(spec, COUNTS, 'spec');
  yield* validatePolicy(spec.concurrencyPolicy);
  yield* validateTemplate(spec);
  if (isNew && metadata.name.length > NAME_MAX)
    yield invalid('metadata.name', metadata.name, `must be no more than ${NAME_MAX} characters`);
}

const COUNTS = [
  'startingDeadlineSeconds',
  'successfulJobsHistoryLimit',
  'failedJobsHistoryLimit',
] as const satisfies readonly (keyof CronJobSpec)[];
const NO_ZONE_HERE = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
const NOT_TWO_ZONES = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';

/** A cron job that is stored keeps a time zone, and the place where it is written, that would no longer be taken. */
export function* validateCronJobUpdate({ spec: next }: CronJob, { spec: stored }: CronJob): Generator<FieldError> {
  if (next.schedule.includes('TZ')) {
    if (!stored.schedule.includes('TZ')) yield invalid(SCHEDULE, next.schedule, NO_ZONE_HERE);
    else if (next.timeZone !== undefined) yield invalid(SCHEDULE, next.schedule, NOT_TWO_ZONES);
  }
  if (next.timeZone !== stored.timeZone) yield* validateTimeZone(next.timeZone);
}

function* validateSchedule(schedule: string): Generator<FieldError> {
  if (schedule === '') {
    yield required(SCHEDULE);
    return;
  }
  try {
    parseSchedule(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    yield invalid(SCHEDULE, schedule, error.message);
  }
}

function* validateTimeZone(name: string | undefined): Generator<FieldError> {
  if (name === undefined) return;
  const problem = problemOfZone(name);
  if (problem !== undefined) yield invalid(TIME_ZONE, name, problem);
}

function problemOfZone(name: string): string | undefined {
  if (name === '') return 'timeZone must be nil or non-empty string';
  if (!name.split('/').every(isPartOfZone)) return `unknown time zone ${name}`;
  if (name.toLowerCase() === 'local')
    return 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  try {
    loadTimeZone(name);
    return undefined;
  } catch (error) {
    if (error instanceof TimeZoneError) return error.message;
    throw error;
  }
}

const isPartOfZone = (part: string): boolean =>
  /^[A-Za-z._0-9+][-A-Za-z._0-9+]{0,13}$/.test(part) && !/^\.\.?$/.test(part);

function* validatePolicy(policy = ''): Generator<FieldError> {
  const field = 'spec.concurrencyPolicy';
  if (policy === '') yield required(field);
  else if (!POLICIES.includes(policy)) yield notSupported(field, policy, POLICIES);
}

/** The jobs select their pods by themselves. */
function* validateTemplate({ jobTemplate }: CronJobSpec): Generator<FieldError> {
  const field = 'spec.jobTemplate.spec';
  yield* validateJobSpec(jobTemplate.spec, field);
  const { selector, manualSelector } = jobTemplate.spec;
  if (selector !== undefined) yield invalid(`${field}.selector`, selector, '`selector` will be auto-generated');
  if (manualSelector === true) yield notSupported(`${field}.manualSelector`, manualSelector, ['nil', 'false']);
}
