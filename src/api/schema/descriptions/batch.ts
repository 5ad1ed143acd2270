/** Texts about work that ends. */
import type { Descriptions } from '../descriptions.ts';

export const BATCH = {
  'batch.v1.Job': { '': 'Runs pods until enough of them have succeeded.' },
  'batch.v1.JobSpec': {
    parallelism: 'How many pods may run at once. 1 if absent.',
    completions:
      'How many pods must succeed. 1 if neither this nor parallelism is given; with parallelism alone, the first success ends the work.',
    activeDeadlineSeconds: 'How long the job may run without a break before it fails, in seconds.',
    podFailurePolicy:
      'What is done about pods that fail in a particular way. Pods must not restart by themselves then.',
    successPolicy: 'Which indexes are enough for the job to have succeeded.',
    backoffLimit:
      'How many failures are made up for before the job fails. 6 if absent, none with backoffLimitPerIndex.',
    backoffLimitPerIndex: 'How many failures of one index are made up for. For indexed jobs only.',
    maxFailedIndexes: 'With more failed indexes than this the job fails at once. Needs backoffLimitPerIndex.',
    selector: 'Which pods are the job’s. Made by the server, unless manualSelector is true.',
    manualSelector:
      'Whether you choose selector and labels yourself, and make sure that they match nobody else’s pods.',
    template: 'What the pods look like. Their restartPolicy is Never or OnFailure.',
    ttlSecondsAfterFinished: 'How long the job is kept after it ended, in seconds. For ever if absent.',
    completionMode: 'NonIndexed: all successes count alike. Indexed: each number below completions must succeed once.',
    suspend: 'Whether its pods are stopped until you say otherwise.',
    podReplacementPolicy:
      'When a pod is replaced: TerminatingOrFailed, as soon as it is being deleted; Failed, once it has ended.',
    managedBy: 'Who runs the job, if it is not the cluster itself. Cannot change.',
  },
  'batch.v1.JobStatus': {
    conditions: 'Whether it is suspended, about to end, complete or failed.',
    startTime: 'When it was started, or last resumed.',
    completionTime: 'When it was complete.',
    active: 'How many pods are pending or running.',
    ready: 'How many of them are ready.',
    terminating: 'How many pods are on their way out.',
    succeeded: 'How many pods, or indexes, have succeeded.',
    failed: 'How many pods have failed.',
    completedIndexes: 'Which indexes have succeeded, such as 1,3-5.',
    failedIndexes: 'Which indexes were given up, such as 1,3-5.',
    uncountedTerminatedPods: 'Pods that have ended and are about to be counted.',
  },
  'batch.v1.JobCondition': {
    type: 'Suspended, FailureTarget, Failed, SuccessCriteriaMet or Complete.',
    status: 'True, False or Unknown.',
    reason: 'Why, in one word for programs.',
    message: 'Why, in a sentence for people.',
    lastProbeTime: 'When it was last looked at.',
    lastTransitionTime: 'When the status last changed.',
  },
  'batch.v1.UncountedTerminatedPods': {
    succeeded: 'The uids of pods that have succeeded.',
    failed: 'The uids of pods that have failed.',
  },
  'batch.v1.PodFailurePolicy': { rules: 'The first rule that a failed pod meets counts. 20 at most.' },
  'batch.v1.PodFailurePolicyRule': {
    action:
      'FailJob ends the job, FailIndex gives up the index, Ignore does not count the failure, Count does as without a rule.',
    onExitCodes: 'How containers must have ended. Give either this or onPodConditions.',
    onPodConditions: 'Which conditions the pod must have; one of them is enough.',
  },
  'batch.v1.PodFailurePolicyOnExitCodesRequirement': {
    containerName: 'Which container is meant. All if absent.',
    operator: 'In: the code is among the values. NotIn: it is not. A code of 0 never matches.',
    values: 'Exit codes in order, each once.',
  },
  'batch.v1.PodFailurePolicyOnPodConditionsPattern': {
    type: 'The type of the condition, such as DisruptionTarget.',
    status: 'The status it must have. True if absent.',
  },
  'batch.v1.SuccessPolicy': { rules: 'As soon as one of them is met, the job has succeeded. 20 at most.' },
  'batch.v1.SuccessPolicyRule': {
    succeededIndexes: 'Which indexes are looked at, such as 0,2-4. All if absent.',
    succeededCount: 'How many of them must have succeeded. All if absent.',
  },
  'batch.v1.CronJob': { '': 'Makes a job whenever its schedule says.' },
  'batch.v1.CronJobSpec': {
    schedule:
      'When: minute, hour, day of the month, month and day of the week, or @hourly, @daily, @weekly, @monthly, @yearly, @every 1h30m.',
    timeZone: 'Where the clock hangs that the schedule is read off, such as Europe/Berlin. UTC if absent.',
    startingDeadlineSeconds: 'How late a job may be started, in seconds. However late if absent.',
    concurrencyPolicy:
      'What happens if a job is still running: Allow both, Forbid the new one, Replace the old one. Allow if absent.',
    suspend: 'Whether no new jobs are made until you say otherwise.',
    jobTemplate: 'What the jobs look like.',
    successfulJobsHistoryLimit: 'How many jobs that succeeded are kept. 3 if absent.',
    failedJobsHistoryLimit: 'How many jobs that failed are kept. 1 if absent.',
  },
  'batch.v1.CronJobStatus': {
    active: 'The jobs that run.',
    lastScheduleTime: 'When a job was due last.',
    lastSuccessfulTime: 'When a job last succeeded.',
  },
  'batch.v1.JobTemplateSpec': {
    metadata: 'Labels and annotations of the jobs.',
    spec: 'What the jobs do.',
  },
} satisfies Descriptions;
