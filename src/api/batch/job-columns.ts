/** The table of jobs: where each stands, how much of it is done and how long that took. */
import { containerImages, containerNames } from '../core/pod/columns.ts';
import { isConditionTrue } from '../meta/conditions.ts';
import { AGE_COLUMN, column, NAME_COLUMN, NONE, wideColumn } from '../meta/columns.ts';
import { humanDuration } from '../meta/human-duration.ts';
import { parseTime } from '../meta/time.ts';
import type { Column } from '../resource.ts';
import type { Job } from '../types/batch-v1.ts';
import { selectorText } from '../workload/template.ts';

export const JOB_COLUMNS: readonly Column<Job>[] = [
  NAME_COLUMN,
  column('Status', 'Where the job stands, in one word.', standing),
  column('Completions', 'How many pods have succeeded, out of how many there are to be.', completions),
  column('Duration', 'How long the job has run, or took.', duration),
  AGE_COLUMN,
  wideColumn('Containers', 'The names of the containers in the template.', ({ spec }) =>
    containerNames(spec.template.spec.containers),
  ),
  wideColumn('Images', 'The images of the containers in the template.', ({ spec }) =>
    containerImages(spec.template.spec.containers),
  ),
  wideColumn('Selector', 'Which pods are the job’s.', ({ spec }) => selectorText(spec.selector) || NONE),
];

const ENDS = ['Complete', 'Failed'];
const STANDINGS = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

function standing({ metadata, status }: Job): string {
  const holds = (type: string): boolean => isConditionTrue(status?.conditions, type);
  const end = ENDS.find(holds);
  if (end !== undefined) return end;
  return metadata.deletionTimestamp === undefined ? (STANDINGS.find(holds) ?? 'Running') : 'Terminating';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const { parallelism = 0 } = spec;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job, nowMs: number): string {
  const startMs = parseTime(status?.startTime);
  if (startMs === undefined) return '';
  return humanDuration((parseTime(status?.completionTime) ?? nowMs) - startMs);
}
