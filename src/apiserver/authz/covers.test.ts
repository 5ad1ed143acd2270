import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactRules, describeRule, missingRights } from './covers.ts';

const rule = (verbs: string, resources: string, more: object = {}) => ({
  verbs: verbs.split(' '),
  apiGroups: [''],
  resources: resources.split(' '),
  ...more,
});

test('[ACC23] what is missing is told rule by rule, verbs of one resource together', () => {
  const held = [rule('get', 'pods'), rule('*', '*/scale'), rule('get', 'secrets', { resourceNames: ['a'] })];
  const wanted = [
    rule('get list watch', 'pods'),
    rule('update', 'deployments/scale'),
    rule('get', 'secrets', { resourceNames: ['a', 'b'] }),
    rule('get', 'secrets'),
    { verbs: ['get'], nonResourceURLs: ['/metrics'] },
  ];
  assert.deepEqual(compactRules(missingRights(held, wanted)).map(describeRule), [
    '{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
    '{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}',
    '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
  ]);
});
