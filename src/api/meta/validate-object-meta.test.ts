import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../types/meta-v1.ts';
import type { FieldError } from './field-error.ts';
import { checkDnsSubdomain } from './names.ts';
import { validateLabelSelector } from './validate-labels.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-object-meta.ts';

const META: ObjectMeta = {
  name: 'web',
  namespace: 'default',
  uid: 'u1',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};

const texts = (errors: Iterable<FieldError>): readonly string[] =>
  [...errors].map(({ field, message }) => `${field}: ${message}`);

const RULES = { namespaced: true, checkName: checkDnsSubdomain };

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const KEY =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const CASES: readonly (readonly [string, Partial<ObjectMeta>, readonly string[]])[] = [
  ['sound', { labels: { 'example.com/app': 'web' }, annotations: { 'Example.com/Note': 'any text' } }, []],
  ['nameless', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
  ['badly named', { name: 'Web_1' }, [`metadata.name: Invalid value: "Web_1": ${SUBDOMAIN}`]],
  ['without namespace', { namespace: '' }, ['metadata.namespace: Required value']],
  ['labelled with a bad value', { labels: { app: 'a b' } }, [`metadata.labels: Invalid value: "a b": ${VALUE}`]],
  ['labelled with a bad key', { labels: { 'a b': '' } }, [`metadata.labels: Invalid value: "a b": name part ${KEY}`]],
  [
    'labelled with an empty prefix',
    { labels: { '/a': '' } },
    ['metadata.labels: Invalid value: "/a": prefix part must be non-empty'],
  ],
  [
    'annotated with too much',
    { annotations: { a: 'x'.repeat(262_144) } },
    ['metadata.annotations: Too long: may not be more than 262144 bytes'],
  ],
  [
    'held by a finalizer without a domain',
    { finalizers: ['mine'] },
    [
      'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ],
  [
    'owned by nothing',
    { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: '', uid: '' }] },
    [
      'metadata.ownerReferences[0].name: Required value: must not be empty',
      'metadata.ownerReferences[0].uid: Required value: must not be empty',
    ],
  ],
];

for (const [name, change, expected] of CASES) {
  test(`[KIN4] metadata that is ${name} gives ${expected.length} errors`, () => {
    assert.deepEqual(texts(validateObjectMeta({ ...META, ...change }, RULES)), expected);
  });
}

test('[KIN4] cluster-scoped objects have no namespace', () => {
  const rules = { ...RULES, namespaced: false };
  assert.deepEqual(texts(validateObjectMeta(META, rules)), ['metadata.namespace: Forbidden: not allowed on this type']);
});

test('[KIN4] a generateName may end with a dash', () => {
  assert.deepEqual(texts(validateObjectMeta({ ...META, generateName: 'web-' }, RULES)), []);
});

test('[KIN5] identity never changes', () => {
  const next = { ...META, name: 'other', uid: 'u2', resourceVersion: '' };
  assert.deepEqual(texts(validateObjectMetaUpdate(next, META)), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    'metadata.name: Invalid value: "other": field is immutable',
    'metadata.uid: Invalid value: "u2": field is immutable',
  ]);
});

test('[KIN5] a dying object takes no new finalizer', () => {
  const stored = { ...META, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/a'] };
  const next = { ...stored, finalizers: ['example.com/b'] };
  assert.deepEqual(texts(validateObjectMetaUpdate(next, stored)), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/b"}',
  ]);
});

test('[KIN6] a label selector names sound keys, operators and values', () => {
  const selector = {
    matchLabels: { app: 'a b' },
    matchExpressions: [
      { key: 'tier', operator: 'In' },
      { key: 'tier', operator: 'Exists', values: ['x'] },
      { key: 'tier', operator: 'Like' },
    ],
  };
  assert.deepEqual(texts(validateLabelSelector(selector, 'spec.selector')), [
    `spec.selector.matchLabels: Invalid value: "a b": ${VALUE}`,
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    'spec.selector.matchExpressions[2].operator: Invalid value: "Like": not a valid selector operator',
  ]);
});
