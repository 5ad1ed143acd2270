import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PriorityClass } from './priority-class.ts';

const aClass = (name: string, fields: Partial<PriorityClass> = {}): PriorityClass => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name } as PriorityClass['metadata'],
  ...fields,
});
const texts = (errors: readonly { readonly field: string; readonly message: string }[]): readonly string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const problems = (...given: Parameters<typeof aClass>): readonly string[] =>
  texts(PriorityClass.validate(aClass(...given)));

test('[KIN108] a priority class is within what users may give, and the system has its names for itself', () => {
  assert.equal(PriorityClass.applyDefaults(aClass('high')).preemptionPolicy, 'PreemptLowerPriority');
  assert.deepEqual(problems('high', { value: 1_000_000_001, preemptionPolicy: 'Sometimes' }), [
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    'preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"',
  ]);
  const reserved = (error: string): readonly string[] => [
    `metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ${error}`,
  ];
  assert.deepEqual(problems('system-mine'), reserved('system-mine is not a known system priority class'));
  assert.deepEqual(
    problems('system-node-critical', { value: 5 }),
    reserved('value of system-node-critical PriorityClass must be 2000001000'),
  );
  assert.deepEqual(problems('system-cluster-critical', { value: 2_000_000_000 }), []);
});

test('[KIN109] value and preemption policy of a priority class stay; its table shows both', () => {
  const before = aClass('high', { value: 5, preemptionPolicy: 'Never', globalDefault: true });
  const after = { ...before, value: 6, preemptionPolicy: 'PreemptLowerPriority', description: 'new' };
  assert.deepEqual(texts(PriorityClass.validateUpdate(after, before)), [
    'value: Forbidden: may not be changed in an update.',
    'preemptionPolicy: Invalid value: "PreemptLowerPriority": field is immutable',
  ]);
  const cells = PriorityClass.columns
    .filter(({ name }) => name !== 'Age')
    .map(({ name, cell }) => [name, cell(before, 0)]);
  assert.deepEqual(cells, [
    ['Name', 'high'],
    ['Value', 5],
    ['Global-Default', true],
    ['PreemptionPolicy', 'Never'],
  ]);
});
