import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { aCluster } from '#test/builders/cluster';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type { JobCondition, JobSpec, JobStatus, PodFailurePolicyRule } from '../types/batch-v1.ts';
import type { PodSpec } from '../types/core-v1.ts';
import { Job } from './job.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');
const POD: PodSpec = { restartPolicy: 'Never', containers: [{ name: 'work', image: 'busybox' }] };
const SPEC: JobSpec = { template: { spec: POD } };

const aJob = (spec: Partial<JobSpec> = {}, name = 'pi'): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: newMeta(name),
  spec: { ...SPEC, ...spec },
});

const stored = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job => {
  const { object } = create(Job, aJob(spec));
  return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: '1' }, status });
};

const INDEXED: Partial<JobSpec> = { completionMode: 'Indexed', completions: 3, parallelism: 3 };
const LABELS = {
  'controller-uid': 'uid-of-pi',
  'job-name': 'pi',
  'batch.kubernetes.io/controller-uid': 'uid-of-pi',
  'batch.kubernetes.io/job-name': 'pi',
};

test('[BAT1] a job gets what its author left open, and a second time changes nothing', () => {
  const { object, errors } = create(Job, aJob());
  assert.deepEqual(errors, []);
  const { template, selector: _, ...spec } = object.spec;
  assert.deepEqual(spec, {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  });
  assert.equal(template.spec.dnsPolicy, 'ClusterFirst');
  assert.deepEqual(Job.applyDefaults(object), object);
});

test('[BAT1] a job with parallel pods need not say how many are enough, and one with a limit for each index has no other', () => {
  const { completions, parallelism } = create(Job, aJob({ parallelism: 4 })).object.spec;
  assert.deepEqual([completions, parallelism], [undefined, 4]);
  assert.equal(create(Job, aJob({ ...INDEXED, backoffLimitPerIndex: 1 })).object.spec.backoffLimit, 2_147_483_647);
});

test('[BAT1] with a policy for failed pods, a pod is replaced once it has failed, and a condition is meant to be true', () => {
  const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }];
  const { spec } = create(Job, aJob({ podFailurePolicy: { rules } })).object;
  assert.equal(spec.podReplacementPolicy, 'Failed');
  assert.deepEqual(spec.podFailurePolicy?.rules[0]?.onPodConditions, [{ type: 'DisruptionTarget', status: 'True' }]);
});

test('[BAT2] a job selects its pods by its uid, and carries the labels of its template if it has none', () => {
  const { metadata, spec } = create(Job, aJob({ template: { metadata: { labels: { app: 'pi' } }, spec: POD } })).object;
  assert.deepEqual(spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': 'uid-of-pi' } });
  assert.deepEqual(spec.template.metadata?.labels, { ...LABELS, app: 'pi' });
  assert.deepEqual(metadata.labels, { ...LABELS, app: 'pi' });
  const labelled = (labels: Readonly<Record<string, string>>): Job => ({
    ...aJob(),
    metadata: { ...newMeta('pi'), labels },
  });
  assert.deepEqual(create(Job, labelled({ team: 'a' })).object.metadata.labels, { team: 'a' });
  assert.deepEqual(create(Job, labelled({})).object.metadata.labels, LABELS);
});

test('[BAT2] a selector of the author’s own stays as it is, and must match the template', () => {
  const manual = { manualSelector: true, selector: { matchLabels: { app: 'pi' } } };
  const template = { metadata: { labels: { app: 'pi' } }, spec: POD };
  const { object, errors } = create(Job, aJob({ ...manual, template }));
  assert.deepEqual(
    [object.spec.selector, object.spec.template.metadata?.labels, errors],
    [{ matchLabels: { app: 'pi' } }, { app: 'pi' }, []],
  );
  assert.deepEqual(create(Job, aJob(manual)).errors, [
    'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
  ]);
  assert.deepEqual(create(Job, aJob({ manualSelector: true })).errors, [
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
  ]);
});

test('[BAT2] labels that contradict the generated ones are refused', () => {
  const template = { metadata: { labels: { 'job-name': 'e' } }, spec: POD };
  const labels = JSON.stringify({ ...LABELS, 'job-name': 'e' });
  assert.deepEqual(create(Job, aJob({ template })).errors, [
    `spec.template.metadata.labels[job-name]: Invalid value: ${labels}: must be 'pi'`,
  ]);
  const selector = { matchLabels: { app: 'e' } };
  assert.deepEqual(create(Job, aJob({ selector })).errors, [
    'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"uid-of-pi","app":"e"}}: `selector` not auto-generated',
    `spec.template.metadata.labels: Invalid value: ${JSON.stringify(LABELS)}: \`selector\` does not match template \`labels\``,
  ]);
});

const withRule = (rule: Partial<PodFailurePolicyRule>): Partial<JobSpec> => ({
  podFailurePolicy: { rules: [{ action: 'Ignore', ...rule }] },
});
const RULE = 'spec.podFailurePolicy.rules[0]';

const CASES: readonly (readonly [string, Partial<JobSpec>, readonly string[]])[] = [
  [
    'pods that never end',
    { template: { spec: { containers: POD.containers } } },
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'pods that restart in an unknown way',
    { template: { spec: { ...POD, restartPolicy: 'Sometimes' } } },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "OnFailure", "Never"',
    ],
  ],
  [
    'negative counts',
    { parallelism: -1, backoffLimit: -1, ttlSecondsAfterFinished: -1 },
    [
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'an unknown mode',
    { completionMode: 'Other' },
    ['spec.completionMode: Unsupported value: "Other": supported values: "NonIndexed", "Indexed"'],
  ],
  [
    'indexes but no end',
    { completionMode: 'Indexed', parallelism: 100_001 },
    [
      'spec.completions: Required value: when completion mode is Indexed',
      'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
    ],
  ],
  [
    'limits for indexes it does not have',
    { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
    [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
    ],
  ],
  [
    'more failed indexes than indexes',
    { ...INDEXED, maxFailedIndexes: 4 },
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions',
    ],
  ],
  [
    'very many indexes that fail one by one',
    { ...INDEXED, completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 },
    [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'a manager without a domain',
    { managedBy: 'kueue' },
    ['spec.managedBy: Invalid value: "kueue": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'a manager with a bad domain and a long path',
    { managedBy: `Acme.io/${'x'.repeat(60)}` },
    [
      `spec.managedBy: Invalid value: "Acme.io": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      'spec.managedBy: Too long: may not be more than 63 bytes',
    ],
  ],
  [
    'an unknown way to replace pods',
    { podReplacementPolicy: 'Never' },
    ['spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"'],
  ],
  [
    'pods replaced before it is known how they failed',
    {
      ...withRule({ onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }),
      podReplacementPolicy: 'TerminatingOrFailed',
    },
    ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
  ],
  [
    'a policy for pods that restart by themselves',
    {
      ...withRule({ onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }),
      template: { spec: { ...POD, restartPolicy: 'OnFailure' } },
    },
    [
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ],
  ],
  [
    'a rule without a condition',
    withRule({ action: 'Explode' }),
    [
      `${RULE}.action: Unsupported value: "Explode": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
      `${RULE}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
    ],
  ],
  [
    'a rule that fails an index it does not have',
    withRule({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }),
    [`${RULE}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
  ],
  [
    'exit codes that cannot be',
    withRule({ onExitCodes: { containerName: 'other', operator: 'In', values: [3, 0, 3] } }),
    [
      `${RULE}.onExitCodes.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template`,
      `${RULE}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
      `${RULE}.onExitCodes.values[2]: Duplicate value: 3`,
      `${RULE}.onExitCodes.values: Invalid value: [3,0,3]: must be ordered`,
    ],
  ],
  [
    'no exit codes and no operator',
    withRule({ onExitCodes: { operator: '', values: [] } }),
    [
      `${RULE}.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]`,
      `${RULE}.onExitCodes.values: Invalid value: []: at least one value is required`,
    ],
  ],
  [
    'a condition that is maybe true, and exit codes too',
    withRule({
      onExitCodes: { operator: 'In', values: [1] },
      onPodConditions: [{ type: 'DisruptionTarget', status: 'Maybe' }],
    }),
    [
      `${RULE}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
      `${RULE}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`,
    ],
  ],
  [
    'a success that needs indexes',
    { successPolicy: { rules: [{ succeededCount: 1 }] } },
    ['spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode'],
  ],
  [
    'a success without rules',
    { ...INDEXED, successPolicy: { rules: [] } },
    [
      'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
    ],
  ],
  [
    'a success that nothing leads to',
    {
      ...INDEXED,
      successPolicy: {
        rules: [
          {},
          { succeededCount: 4 },
          { succeededIndexes: '0,2-1', succeededCount: 0 },
          { succeededIndexes: '0-1', succeededCount: 3 },
          { succeededIndexes: '1-3' },
        ],
      },
    },
    [
      'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      'spec.successPolicy.rules[1].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)',
      'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "0,2-1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
      'spec.successPolicy.rules[3].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
      'spec.successPolicy.rules[4].succeededIndexes: Invalid value: "1-3": error parsing succeededIndexes: too large index: "3"',
    ],
  ],
  [
    'a broken pod',
    { template: { spec: { ...POD, containers: [{ name: 'work', image: '' }] } } },
    ['spec.template.spec.containers[0].image: Required value'],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[BAT3] a job with ${what} is refused`, () => {
    assert.deepEqual(create(Job, aJob(spec)).errors, errors);
  });
}

test('[BAT3] the name of an indexed job leaves room for the last index in a host name', () => {
  const name = 'x'.repeat(62);
  const { metadata, ...rest } = aJob(INDEXED, name);
  assert.deepEqual(create(Job, { ...rest, metadata: { ...metadata, uid: 'a' } }).errors, [
    `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-2`,
  ]);
});

test('[BAT4] what decides about pods stays, what decides about how many may change', () => {
  const before = stored();
  const update = (spec: Partial<JobSpec>, from = before): readonly string[] =>
    updateErrors(Job, { stored: from, next: { ...from, spec: { ...from.spec, ...spec } } });
  assert.deepEqual(update({ parallelism: 5, suspend: true, activeDeadlineSeconds: 5, backoffLimit: 1 }), []);
  assert.deepEqual(update({ completions: 2 }), ['spec.completions: Invalid value: 2: field is immutable']);
  assert.deepEqual(update({ managedBy: 'acme.io/queue' }), [
    'spec.managedBy: Invalid value: "acme.io/queue": field is immutable',
  ]);
  const template = { ...before.spec.template, spec: { ...before.spec.template.spec, nodeSelector: { a: 'b' } } };
  assert.deepEqual(
    update({ template }).map((text) => text.replace(/value: .*: /, '')),
    ['spec.template: Invalid field is immutable'],
  );
});

test('[BAT4] an indexed job becomes wider only together with its parallelism', () => {
  const before = stored(INDEXED);
  const update = (spec: Partial<JobSpec>): readonly string[] =>
    updateErrors(Job, { stored: before, next: { ...before, spec: { ...before.spec, ...spec } } });
  assert.deepEqual(update({ completions: 5, parallelism: 5 }), []);
  assert.deepEqual(update({ completions: 5 }), [
    'spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism',
  ]);
});

test('[BAT4] where its pods go may change while a suspended job has not started', () => {
  const template = {
    metadata: { labels: { ...LABELS, queue: 'a' } },
    spec: { ...stored().spec.template.spec, nodeSelector: { zone: 'a' }, affinity: { nodeAffinity: {} } },
  };
  const errors = (before: Job): number =>
    updateErrors(Job, { stored: before, next: { ...before, spec: { ...before.spec, template } } }).length;
  assert.equal(errors(stored({ suspend: true })), 0);
  assert.equal(errors(stored({ suspend: true }, { startTime: '2026-01-01T00:00:00Z' })), 1);
  assert.equal(errors(stored()), 1);
});

const condition = (type: string, status = 'True'): JobCondition => ({ type, status });
const START = '2026-01-01T00:00:00Z';
const END = '2026-01-01T00:01:00Z';

type StatusCase = readonly [
  what: string,
  spec: Partial<JobSpec>,
  before: JobStatus,
  next: JobStatus,
  errors: readonly string[],
];

const COMPLETE: JobStatus = {
  startTime: START,
  completionTime: END,
  succeeded: 1,
  conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
};

const STATUSES: readonly StatusCase[] = [
  ['an end that is well reported', {}, { startTime: START, active: 1 }, COMPLETE, []],
  [
    'counts below zero and pods counted twice',
    {},
    {},
    { active: -1, uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
    [
      'status.active: Invalid value: -1: must be greater than or equal to 0',
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
      'status.ready: Invalid value: 0: cannot set more ready pods than active',
    ],
  ],
  [
    'two ends',
    {},
    {},
    { ...COMPLETE, conditions: [...COMPLETE.conditions!, condition('Failed'), condition('FailureTarget')] },
    [
      'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ],
  ],
  [
    'an end without its announcement, time or start',
    {},
    {},
    { conditions: [condition('Complete')] },
    [
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.startTime: Required value: startTime is required for finished job',
    ],
  ],
  [
    'a failure out of nowhere, with pods left',
    {},
    { startTime: START },
    {
      startTime: START,
      active: 1,
      terminating: 1,
      uncountedTerminatedPods: { failed: ['a'] },
      conditions: [condition('Failed')],
    },
    [
      'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job',
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    ],
  ],
  [
    'an end taken back',
    {},
    COMPLETE,
    { startTime: START, succeeded: 0, conditions: [] },
    [
      'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
      'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
      'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
    ],
  ],
  [
    'an end that moves',
    {},
    COMPLETE,
    { ...COMPLETE, completionTime: '2025-12-31T00:00:00Z' },
    [
      'status.completionTime: Invalid value: "2025-12-31T00:00:00Z": completionTime cannot be set before startTime',
      'status.completionTime: Invalid value: "2025-12-31T00:00:00Z": completionTime cannot be mutated',
    ],
  ],
  [
    'a start that moves',
    {},
    { startTime: START },
    { startTime: END },
    ['status.startTime: Required value: startTime cannot be removed for unsuspended job'],
  ],
  [
    'a start that moves because the job is resumed',
    {},
    { startTime: START, conditions: [condition('Suspended')] },
    { startTime: END, conditions: [condition('Suspended', 'False')] },
    [],
  ],
  [
    'indexes of a job that has none',
    {},
    {},
    { completedIndexes: '0', failedIndexes: '' },
    [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
      'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  ],
  [
    'indexes that both succeeded and failed',
    { ...INDEXED, backoffLimitPerIndex: 1 },
    {},
    { completedIndexes: '0-1', failedIndexes: '1' },
    ['status.failedIndexes: Invalid value: "1": failedIndexes and completedIndexes overlap at index: 1'],
  ],
  [
    'indexes that cannot be read',
    { ...INDEXED, backoffLimitPerIndex: 1 },
    {},
    { completedIndexes: '1-2-3', failedIndexes: 'x' },
    [
      `status.completedIndexes: Invalid value: "1-2-3": error parsing completedIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
      'status.failedIndexes: Invalid value: "x": error parsing failedIndexes: cannot convert string to integer for index: "x"',
    ],
  ],
  ['fewer successes of a job that became narrower', INDEXED, { succeeded: 3 }, { succeeded: 2 }, []],
  [
    'fewer failures',
    {},
    { failed: 3 },
    { failed: 2 },
    ['status.failed: Invalid value: 2: cannot decrease the failed counter'],
  ],
];

for (const [what, spec, before, status, errors] of STATUSES) {
  test(`[BAT5] a status with ${what}: ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    const job = stored(spec, before);
    assert.deepEqual(texts(Job.validateStatusUpdate({ ...job, status }, job)), errors);
  });
}

const row = (job: Job): readonly unknown[] => Job.columns.map(({ cell }) => cell(job, NOW_MS));

test('[BAT6] the table of jobs shows where each stands, how much is done and how long it took', () => {
  assert.deepEqual(
    Job.columns.map(({ name, priority }) => [name, priority]),
    [
      ['Name', 0],
      ['Status', 0],
      ['Completions', 0],
      ['Duration', 0],
      ['Age', 0],
      ['Containers', 1],
      ['Images', 1],
      ['Selector', 1],
    ],
  );
  assert.deepEqual(row(stored({}, COMPLETE)), [
    'pi',
    'Complete',
    '1/1',
    '60s',
    '5m',
    'work',
    'busybox',
    'batch.kubernetes.io/controller-uid=uid-of-pi',
  ]);
});

test('[BAT6] a job without a number of completions needs one success, whatever its parallelism', () => {
  assert.deepEqual(row(stored({ parallelism: 3 }, { startTime: START })).slice(1, 4), ['Running', '0/1 of 3', '5m']);
  assert.deepEqual(row(stored({ parallelism: 1 })).slice(1, 4), ['Running', '0/1', '']);
});

test('[BAT6] one word tells where a job stands', () => {
  const word = (types: readonly string[], deletionTimestamp?: string): unknown => {
    const job = stored({}, { conditions: types.map((type) => condition(type)) });
    return row(deletionTimestamp === undefined ? job : { ...job, metadata: { ...job.metadata, deletionTimestamp } })[1];
  };
  assert.deepEqual(
    [word(['FailureTarget', 'Failed']), word(['SuccessCriteriaMet']), word(['Suspended']), word(['Suspended'], START)],
    ['Failed', 'SuccessCriteriaMet', 'Suspended', 'Terminating'],
  );
});

test('[BAT7] an author is warned of what pods would be warned of, of a bad host name, and of very many indexes', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  const template = { spec: { ...POD, containers: [{ name: 'work', image: 'i', env }] } };
  assert.deepEqual(create(Job, aJob({ template }, 'a.b')).warnings, [
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    'spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
  const vast = { ...INDEXED, completions: 100_001, parallelism: 10_001 };
  assert.deepEqual(create(Job, aJob(vast)).warnings, [
    'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
  ]);
});

test('[BAT8] jobs can be selected by how many pods have succeeded', () => {
  const { 'status.successful': successful } = Job.selectableFields;
  assert.deepEqual([successful?.(stored()), successful?.(stored({}, COMPLETE))], ['0', '1']);
});

test('[BAT9] a job that is deleted leaves its pods behind unless the request says otherwise', async () => {
  await using cluster = await aCluster();
  const finalizersAfter = async (options: Parameters<typeof cluster.client.delete>[2]): Promise<unknown> => {
    const ref = { namespace: 'default', name: 'pi' };
    const finalizers = ['test.example/a'];
    await cluster.client.create(Job, { metadata: { ...ref, finalizers }, spec: SPEC });
    const { metadata } = await cluster.client.delete(Job, ref, options);
    const again = await cluster.client.delete(Job, ref, options);
    assert.deepEqual(again.metadata.finalizers, metadata.finalizers);
    const patch = { type: 'application/merge-patch+json', document: { metadata: { finalizers: null } } } as const;
    await cluster.client.patch(Job, { ref, patch });
    return metadata.finalizers;
  };
  assert.deepEqual(await finalizersAfter({}), ['test.example/a', 'orphan']);
  assert.deepEqual(await finalizersAfter({ propagationPolicy: 'Background' }), ['test.example/a']);
});
