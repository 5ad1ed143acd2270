import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import { aTemplate } from '#test/builders/workloads';
import type { ReplicationControllerSpec } from '../types/core-v1.ts';
import { PodTemplate } from './pod-template.ts';
import { ReplicationController } from './replication-controller.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');

const aController = (spec: ReplicationControllerSpec = {}): ReplicationController => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: newMeta('web'),
  spec: { template: aTemplate(), ...spec },
});

test('[WRK11] selector and labels are those of the template unless they are said', () => {
  const { object, errors } = create(ReplicationController, aController());
  assert.deepEqual(errors, []);
  assert.deepEqual(
    [object.metadata.labels, object.spec.selector, object.spec.replicas, object.status],
    [{ app: 'web' }, { app: 'web' }, 1, { replicas: 0 }],
  );
  assert.equal(object.spec.template?.spec.restartPolicy, 'Always');
  assert.deepEqual(ReplicationController.applyDefaults(object), object);
  const sent = aController({ selector: { app: 'web' }, template: aTemplate('i', { app: 'web', tier: 'front' }) });
  const labelled = { ...sent, metadata: { ...sent.metadata, labels: { mine: 'x' } } };
  const own = create(ReplicationController, labelled).object;
  assert.deepEqual([own.metadata.labels, own.spec.selector], [{ mine: 'x' }, { app: 'web' }]);
});

const CASES: readonly (readonly [string, ReplicationControllerSpec, readonly string[]])[] = [
  [
    'a selector of other labels',
    { selector: { app: 'api' } },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
  ['no labels at all', { template: { spec: aTemplate().spec } }, ['spec.selector: Required value']],
  [
    'negative counts',
    { replicas: -1, minReadySeconds: -2 },
    [
      'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'pods that end',
    { template: { ...aTemplate(), spec: { ...aTemplate().spec, restartPolicy: 'Never', activeDeadlineSeconds: 5 } } },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[WRK12] a replication controller with ${what} is refused`, () => {
    assert.deepEqual(create(ReplicationController, aController(spec)).errors, errors);
  });
}

test('[WRK12] a replication controller has a template', () => {
  const sent: ReplicationController = { ...aController(), spec: { selector: { app: 'web' } } };
  assert.deepEqual(create(ReplicationController, sent).errors, ['spec.template: Required value']);
});

test('[WRK12] even the selector may change, and counts in a status fit each other', () => {
  const stored = deepFreeze(create(ReplicationController, aController()).object);
  const labels = { app: 'web', tier: 'front' };
  const spec = { ...stored.spec, selector: labels, template: aTemplate('i', labels) };
  assert.deepEqual(updateErrors(ReplicationController, { stored, next: { ...stored, spec } }), []);
  const status = { replicas: 1, readyReplicas: 2, observedGeneration: -1 };
  assert.deepEqual(texts(ReplicationController.validateStatusUpdate({ ...stored, status }, stored)), [
    'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ]);
});

test('[WRK13] the table counts replicas, and scale sets how many there are to be', () => {
  const { object } = create(ReplicationController, aController({ replicas: 3 }));
  const reported = { ...object, status: { replicas: 2, readyReplicas: 1 } };
  assert.deepEqual(
    ReplicationController.columns.map(({ name, priority, cell }) => [name, priority, cell(reported, NOW_MS)]),
    [
      ['Name', 0, 'web'],
      ['Desired', 0, 3],
      ['Current', 0, 2],
      ['Ready', 0, 1],
      ['Age', 0, '5m'],
      ['Containers', 1, 'web'],
      ['Images', 1, 'nginx:1'],
      ['Selector', 1, 'app=web'],
    ],
  );
  const { scale } = ReplicationController;
  assert.deepEqual(
    [scale?.specReplicas(reported), scale?.statusReplicas(reported), scale?.selector(reported)],
    [3, 2, 'app=web'],
  );
  assert.equal(scale?.withReplicas(reported, 7).spec.replicas, 7);
});

const aPodTemplate = (template = aTemplate()): PodTemplate => ({
  apiVersion: 'v1',
  kind: 'PodTemplate',
  metadata: newMeta('web'),
  template,
});

test('[WRK13] the table of pod templates shows what pods would be made', () => {
  const row = PodTemplate.columns.map(({ name, cell }) => [name, cell(aPodTemplate(), NOW_MS)]);
  assert.deepEqual(row, [
    ['Name', 'web'],
    ['Containers', 'web'],
    ['Images', 'nginx:1'],
    ['Pod Labels', 'app=web'],
  ]);
});

test('[WRK14] a pod template gets the defaults of pods, and is refused where they would be', () => {
  const { object, errors } = create(PodTemplate, aPodTemplate());
  assert.deepEqual([errors, object.template.spec.dnsPolicy], [[], 'ClusterFirst']);
  assert.deepEqual(create(PodTemplate, aPodTemplate(aTemplate(''))).errors, [
    'template.spec.containers[0].image: Required value',
  ]);
});

test('[WRK17] replication controllers and pod templates warn of their pods', () => {
  const template = aTemplate();
  const outdated = { ...template, spec: { ...template.spec, nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } };
  const warning = 'nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead';
  assert.deepEqual(create(PodTemplate, aPodTemplate(outdated)).warnings, [`template.spec.${warning}`]);
  const sent = { ...aController({ template: outdated }), metadata: newMeta('a.b') };
  assert.deepEqual(create(ReplicationController, sent).warnings, [
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    `template.spec.${warning}`,
  ]);
});
