import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodGroupSpec, WorkloadSpec } from '../types/scheduling-v1alpha3.ts';
import type { FieldError } from '../meta/field-error.ts';
import { PodGroup } from './pod-group.ts';
import { Workload } from './workload.ts';

const HEAD = { apiVersion: 'scheduling.k8s.io/v1alpha3', metadata: { name: 'mine' } as PodGroup['metadata'] };
const group = (spec: Partial<PodGroupSpec> = {}, rest: Partial<PodGroup> = {}): PodGroup => ({
  ...HEAD,
  kind: 'PodGroup',
  spec: { schedulingPolicy: { gang: { minCount: 3 } }, ...spec },
  ...rest,
});
const workload = (spec: Partial<WorkloadSpec> = {}): Workload => ({
  ...HEAD,
  kind: 'Workload',
  spec: { podGroupTemplates: [{ name: 'a', schedulingPolicy: { basic: {} } }], ...spec },
});
const texts = (errors: readonly FieldError[]): readonly string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);

test('[KIN180] a pod group has one policy, and a gang a size', () => {
  const problems = (spec: Partial<PodGroupSpec>): readonly string[] => texts(PodGroup.validate(group(spec)));
  assert.deepEqual(problems({}), []);
  assert.deepEqual(
    problems({
      schedulingPolicy: { basic: {}, gang: { minCount: -1 } },
      preemptionPolicy: 'Sometimes',
      priority: 1_000_000_001,
    }),
    [
      'spec.schedulingPolicy: Invalid value: "{basic, gang}": must specify exactly one of: `basic`, `gang`',
      'spec.schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1',
      'spec.priority: Invalid value: 1000000001: must be less than or equal to 1000000000',
      'spec.preemptionPolicy: Unsupported value: "Sometimes": supported values: "Never", "PreemptLowerPriority"',
    ],
  );
  assert.deepEqual(problems({ schedulingPolicy: {}, schedulingConstraints: {}, parentCompositePodGroupName: 'p' }), [
    'spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
    'spec.schedulingConstraints: Forbidden: ',
    'spec.parentCompositePodGroupName: Forbidden: ',
  ]);
});

test('[KIN181] a pod group is disrupted pod by pod unless it says otherwise, starts without a status, and only its size changes', () => {
  assert.deepEqual(PodGroup.applyDefaults(group()).spec.disruptionMode, { single: {} });
  const made = PodGroup.prepareForCreate(group({ resourceClaims: [{ name: 'x' }] }, { status: { conditions: [] } }));
  assert.deepEqual([made.status, made.spec.resourceClaims], [undefined, undefined]);
  const changes = (next: Partial<PodGroupSpec>): readonly string[] =>
    texts(PodGroup.validateUpdate(group(next), group()));
  assert.deepEqual(changes({ schedulingPolicy: { gang: { minCount: 5 } } }), []);
  assert.deepEqual(
    changes({ schedulingPolicy: { basic: {} }, priority: 4, workloadRef: { workloadName: 'w', templateName: 't' } }),
    [
      'spec.priority: Invalid value: null: field is immutable',
      'spec.schedulingPolicy.basic: Invalid value: null: field is immutable',
      'spec.schedulingPolicy.gang: Invalid value: null: field cannot be cleared once set',
      'spec.workloadRef: Invalid value: null: field is immutable',
    ],
  );
  const cells = PodGroup.columns.filter(({ name }) => name !== 'Age').map(({ cell }) => cell(group(), 0));
  assert.deepEqual(cells, ['mine', 'Gang (3)', 'Unknown']);
});

test('[KIN182] a workload has templates of different names, which stay', () => {
  const problems = (spec: Partial<WorkloadSpec>): readonly string[] => texts(Workload.validate(workload(spec)));
  const basic = { schedulingPolicy: { basic: {} } };
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ podGroupTemplates: [] }), [
    'spec: Invalid value: "": must specify one of: `podGroupTemplates`, `compositePodGroupTemplates`',
  ]);
  assert.deepEqual(
    problems({
      controllerRef: { kind: 'Job', name: 'a/b' },
      podGroupTemplates: [
        { name: 'a', ...basic },
        { name: 'a', ...basic },
        { name: 'b', schedulingPolicy: {} },
      ],
    }),
    [
      `spec.controllerRef.name: Invalid value: "a/b": may not be '.' or '..' or contain '/' or '%'`,
      'spec.podGroupTemplates[1]: Duplicate value: {"name":"a"}',
      'spec.podGroupTemplates[2].schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
    ],
  );
  const changes = (...templates: NonNullable<WorkloadSpec['podGroupTemplates']>): readonly string[] =>
    texts(Workload.validateUpdate(workload({ podGroupTemplates: templates }), workload()));
  assert.deepEqual(changes({ name: 'b', ...basic }), [
    'spec.podGroupTemplates[0]: Forbidden: item may not be added',
    'spec.podGroupTemplates: Forbidden: item may not be removed',
  ]);
  const cells = Workload.columns.filter(({ name }) => name !== 'Age').map(({ cell }) => cell(workload(), 0));
  assert.deepEqual(cells, ['mine', 'a']);
});
