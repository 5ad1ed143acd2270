import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import { aTemplate } from '#test/builders/workloads';
import type { DaemonSetSpec, DaemonSetStatus } from '../types/apps-v1.ts';
import { DaemonSet } from './daemon-set.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');
const GENERATION = 'deprecated.daemonset.template.generation';
const SPEC: DaemonSetSpec = { selector: { matchLabels: { app: 'web' } }, template: aTemplate() };

const aDaemonSet = (spec: Partial<DaemonSetSpec> = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: newMeta('web'),
  spec: { ...SPEC, ...spec },
});
const stored = (spec: Partial<DaemonSetSpec> = {}): DaemonSet => deepFreeze(create(DaemonSet, aDaemonSet(spec)).object);

test('[WRK1] a daemon set gets what its author left open', () => {
  const { template, selector: _, ...spec } = stored().spec;
  assert.deepEqual(spec, {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
  });
  assert.equal(template.spec.restartPolicy, 'Always');
  assert.deepEqual(DaemonSet.applyDefaults(stored()), stored());
  assert.deepEqual(stored({ updateStrategy: { type: 'OnDelete' } }).spec.updateStrategy, { type: 'OnDelete' });
});

test('[WRK1] the annotation counts the changes of the template, whatever a client says', () => {
  const before = stored();
  assert.equal(before.metadata.annotations?.[GENERATION], '1');
  const renamed = { ...before, metadata: { ...before.metadata, annotations: { [GENERATION]: '7', mine: 'x' } } };
  assert.deepEqual(DaemonSet.prepareForUpdate(renamed, before).metadata.annotations, { [GENERATION]: '1', mine: 'x' });
  const next = { ...before, spec: { ...before.spec, template: aTemplate('nginx:2') } };
  assert.equal(DaemonSet.prepareForUpdate(next, before).metadata.annotations?.[GENERATION], '2');
});

const rolling = (maxUnavailable: number | string, maxSurge: number | string): Partial<DaemonSetSpec> => ({
  updateStrategy: { rollingUpdate: { maxUnavailable, maxSurge } },
});

const CASES: readonly (readonly [string, Partial<DaemonSetSpec>, readonly string[]])[] = [
  [
    'a selector of other labels',
    { selector: { matchLabels: { app: 'api' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
  [
    'a selector of everything',
    { selector: {} },
    ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  ],
  [
    'pods that end',
    {
      template: { ...SPEC.template, spec: { ...SPEC.template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 5 } },
    },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  ],
  [
    'one pod gone and one more',
    rolling(1, '10%'),
    [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is non-zero',
    ],
  ],
  [
    'no pod gone and none more',
    rolling(0, 0),
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  ],
  [
    'more than all more',
    rolling(0, '101%'),
    ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    'an unknown strategy',
    { updateStrategy: { type: 'Recreate' } },
    ['spec.updateStrategy: Unsupported value: {"type":"Recreate"}: supported values: "RollingUpdate", "OnDelete"'],
  ],
  [
    'negative counts',
    { minReadySeconds: -1, revisionHistoryLimit: -1 },
    [
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[WRK2] a daemon set with ${what} is refused`, () => {
    assert.deepEqual(create(DaemonSet, aDaemonSet(spec)).errors, errors);
  });
}

test('[WRK3] the selector of a daemon set stays, its template may change', () => {
  const labels = { app: 'web', tier: 'front' };
  const before = stored({ template: aTemplate('nginx:1', labels) });
  const other = { ...before, spec: { ...before.spec, selector: { matchLabels: labels } } };
  assert.deepEqual(updateErrors(DaemonSet, { stored: before, next: other }), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"front"}}: field is immutable',
  ]);
  const next = { ...before, spec: { ...before.spec, template: aTemplate('nginx:2') } };
  assert.deepEqual(updateErrors(DaemonSet, { stored: before, next }), []);
});

const status = (counts: Partial<DaemonSetStatus>): DaemonSetStatus => ({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
  ...counts,
});

test('[WRK3] reported counts are not negative and collisions do not become fewer', () => {
  const before = { ...stored(), status: status({ collisionCount: 2 }) };
  const next = { ...before, status: status({ numberReady: -1, collisionCount: 1 }) };
  assert.deepEqual(texts(DaemonSet.validateStatusUpdate(next, before)), [
    'status.numberReady: Invalid value: -1: must be greater than or equal to 0',
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
  assert.deepEqual(stored().status, status({}));
});

test('[WRK4] the table of daemon sets counts nodes', () => {
  const { template } = SPEC;
  const spec = { template: { ...template, spec: { ...template.spec, nodeSelector: { disk: 'ssd' } } } };
  const counts = { desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3, updatedNumberScheduled: 2 };
  const object = { ...stored(spec), status: status({ ...counts, numberAvailable: 1 }) };
  assert.deepEqual(
    DaemonSet.columns.map(({ name, priority, cell }) => [name, priority, cell(object, NOW_MS)]),
    [
      ['Name', 0, 'web'],
      ['Desired', 0, 5],
      ['Current', 0, 4],
      ['Ready', 0, 3],
      ['Up-to-date', 0, 2],
      ['Available', 0, 1],
      ['Node Selector', 0, 'disk=ssd'],
      ['Age', 0, '5m'],
      ['Containers', 1, 'web'],
      ['Images', 1, 'nginx:1'],
      ['Selector', 1, 'app=web'],
    ],
  );
});

test('[WRK17] a daemon set warns of its template', () => {
  const spec = { ...SPEC.template.spec, nodeSelector: { 'beta.kubernetes.io/os': 'linux' } };
  assert.deepEqual(create(DaemonSet, aDaemonSet({ template: { ...SPEC.template, spec } })).warnings, [
    'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
});
