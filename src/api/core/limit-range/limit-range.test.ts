import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitRangeItem } from '../../types/core-v1.ts';
import { LimitRange } from '../limit-range.ts';

const metadata = { name: 'bounds', namespace: 'default', creationTimestamp: '2026-01-02T03:04:05Z' };
const aRange = (...limits: readonly LimitRangeItem[]): LimitRange => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: metadata as LimitRange['metadata'],
  spec: { limits },
});
const problems = (...limits: readonly LimitRangeItem[]): readonly string[] =>
  LimitRange.validate(aRange(...limits)).map(({ field, message }) => `${field}: ${message}`);

test('[KIN100] bounds of containers are their defaults: the most is the limit, the limit or the least is the request', () => {
  const filled = LimitRange.applyDefaults(
    aRange({ type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Mi' }, default: { memory: '1Gi' } }),
  );
  assert.deepEqual(filled.spec.limits, [
    {
      type: 'Container',
      max: { cpu: '2' },
      min: { cpu: '1', memory: '1Mi' },
      default: { memory: '1Gi', cpu: '2' },
      defaultRequest: { memory: '1Gi', cpu: '2' },
    },
  ]);
  const least = LimitRange.applyDefaults(aRange({ type: 'Container', min: { cpu: '1' } }));
  assert.deepEqual(least.spec.limits[0]?.defaultRequest, { cpu: '1' });
  assert.equal(LimitRange.applyDefaults(filled), filled);
  const ofPods = aRange({ type: 'Pod', max: { cpu: '2' } });
  assert.equal(LimitRange.applyDefaults(ofPods), ofPods);
});

test('[KIN101] a limit range bounds each type once, in amounts of resources that the type has', () => {
  assert.deepEqual(problems({ type: 'Node' }, { type: 'Pod', default: { cpu: '1' } }, { type: 'Pod' }), [
    'spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified',
    "spec.limits[1].default: Forbidden: may not be specified when `type` is 'Pod'",
    'spec.limits[2].type: Duplicate value: "Pod"',
  ]);
  assert.deepEqual(problems({ type: 'Container', max: { storage: '1' } }, { type: 'PersistentVolumeClaim' }), [
    'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers',
    'spec.limits[1].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
  ]);
  assert.deepEqual(problems({ type: 'example.com/robot', max: { 'example.com/arm': '2' } }), []);
});

test('[KIN102] the bounds of a limit range agree: least, default request, default and most in this order', () => {
  const item = {
    type: 'Container',
    max: { cpu: '1' },
    min: { cpu: '2' },
    default: { cpu: '3' },
    defaultRequest: { cpu: '4' },
    maxLimitRequestRatio: { cpu: '500m' },
  };
  assert.deepEqual(problems(item), [
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than default limit value 3',
    'spec.limits[0].default[cpu]: Invalid value: "1": default value 3 is greater than max value 1',
    'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
  ]);
  assert.deepEqual(
    problems({ type: 'Pod', max: { cpu: '2' }, min: { cpu: '1' }, maxLimitRequestRatio: { cpu: '3' } }),
    ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000'],
  );
  const cards = {
    type: 'Container',
    default: { 'example.com/card': '2' },
    defaultRequest: { 'example.com/card': '1' },
  };
  assert.deepEqual(problems(cards), [
    'spec.limits[0].defaultRequest[example.com/card]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/card',
  ]);
});

test('[KIN103] the table of limit ranges tells when they were made', () => {
  const cells = LimitRange.columns.map(({ name, cell }) => [name, cell(aRange(), 0)]);
  assert.deepEqual(cells, [
    ['Name', 'bounds'],
    ['Created At', '2026-01-02T03:04:05Z'],
  ]);
});
