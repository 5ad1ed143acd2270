import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeClass } from './runtime-class.ts';

const aClass = (fields: Partial<RuntimeClass> = {}): RuntimeClass => ({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'sandboxed' } as RuntimeClass['metadata'],
  handler: 'kata',
  ...fields,
});
const fields = (given: Partial<RuntimeClass>): readonly string[] =>
  RuntimeClass.validate(aClass(given)).map(({ field }) => field);

test('[KIN110] a runtime class has a handler that stays, a cost in resources and nodes that can be selected', () => {
  const toleration = { key: 'kata', operator: 'Exists' };
  assert.deepEqual(fields({}), []);
  assert.deepEqual(fields({ handler: 'Kata!', overhead: { podFixed: { bananas: '1' } } }), [
    'handler',
    'overhead.limits[bananas]',
    'overhead.limits[bananas]',
  ]);
  const scheduling = { nodeSelector: { 'a b': 'c' }, tolerations: [toleration, toleration, { operator: 'Equal' }] };
  assert.deepEqual(fields({ scheduling }), [
    'scheduling.nodeSelector',
    'scheduling.tolerations[2].operator',
    'scheduling.tolerations[1]',
  ]);
  const [problem] = RuntimeClass.validateUpdate(aClass({ handler: 'runc' }), aClass());
  assert.equal(`${problem?.field}: ${problem?.message}`, 'handler: Invalid value: "runc": field is immutable');
  const cells = RuntimeClass.columns.slice(0, 2).map(({ cell }) => cell(aClass(), 0));
  assert.deepEqual(cells, ['sandboxed', 'kata']);
});
