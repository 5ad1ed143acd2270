import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type { DeploymentSpec, DeploymentStatus } from '../types/apps-v1.ts';
import type { PodTemplateSpec } from '../types/core-v1.ts';
import { Deployment } from './deployment.ts';
import { ReplicaSet } from './replica-set.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');
const TEMPLATE: PodTemplateSpec = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'nginx:1.20' }] },
};
const SPEC: DeploymentSpec = { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE };

const aDeployment = (spec: Partial<DeploymentSpec> = {}, status?: DeploymentStatus): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: newMeta('web'),
  spec: { ...SPEC, ...spec },
  ...(status === undefined ? {} : { status }),
});

const aReplicaSet = (): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: newMeta('web'),
  spec: SPEC,
});

const withSpec = (spec: Partial<PodTemplateSpec['spec']>): Partial<DeploymentSpec> => ({
  template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, ...spec } },
});

test('[KIN40] a deployment gets what its author left open', () => {
  const { template, selector: _, ...spec } = create(Deployment, aDeployment()).object.spec;
  assert.deepEqual(spec, {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  assert.equal(template.spec.restartPolicy, 'Always');
  assert.equal(template.spec.containers[0]?.imagePullPolicy, 'IfNotPresent');
});

test('[KIN40] what is set stays, and a second time changes nothing', () => {
  const sent = aDeployment({ replicas: 0, strategy: { type: 'Recreate' }, revisionHistoryLimit: 0 });
  const { object, errors } = create(Deployment, sent);
  assert.deepEqual(errors, []);
  assert.deepEqual(
    [object.spec.replicas, object.spec.strategy, object.spec.revisionHistoryLimit],
    [0, { type: 'Recreate' }, 0],
  );
  assert.deepEqual(Deployment.applyDefaults(object), object);
});

test('[KIN40] a replica set has one replica and its template’s defaults', () => {
  const { object, errors } = create(ReplicaSet, aReplicaSet());
  assert.deepEqual(errors, []);
  assert.equal(object.spec.replicas, 1);
  assert.equal(object.spec.template, create(Deployment, aDeployment()).object.spec.template);
});

const CASES: readonly (readonly [string, Partial<DeploymentSpec>, readonly string[]])[] = [
  [
    'a selector of other labels',
    { selector: { matchLabels: { app: 'api' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
  [
    'a selector of everything',
    { selector: {} },
    ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  ],
  ['negative replicas', { replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  [
    'pods that do not restart',
    withSpec({ restartPolicy: 'Never' }),
    ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  ],
  [
    'pods with a deadline',
    withSpec({ activeDeadlineSeconds: 5 }),
    ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'],
  ],
  [
    'a broken pod',
    withSpec({ containers: [{ name: 'web', image: '' }] }),
    ['spec.template.spec.containers[0].image: Required value'],
  ],
  [
    'no pod gone and none more',
    { strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } } },
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
  ],
  [
    'more than all gone',
    { strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    'a share in words',
    { strategy: { rollingUpdate: { maxSurge: 'half' } } },
    [
      `spec.strategy.rollingUpdate.maxSurge: Invalid value: "half": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
    ],
  ],
  [
    'steps without rolling',
    { strategy: { type: 'Recreate', rollingUpdate: {} } },
    ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'an unknown strategy',
    { strategy: { type: 'BlueGreen' } },
    ['spec.strategy: Unsupported value: {"type":"BlueGreen"}: supported values: "Recreate", "RollingUpdate"'],
  ],
  [
    'a deadline before readiness',
    { progressDeadlineSeconds: 5, minReadySeconds: 5 },
    ['spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds'],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[KIN41] a deployment with ${what} is refused`, () => {
    assert.deepEqual(create(Deployment, aDeployment(spec)).errors, errors);
  });
}

test('[KIN41] a deployment without selector selects nothing', () => {
  const { selector: _, ...spec } = SPEC;
  const sent = { ...aDeployment(), spec: spec as DeploymentSpec };
  assert.deepEqual(create(Deployment, sent).errors, [
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ]);
});

const stored = (spec: Partial<DeploymentSpec> = {}): Deployment =>
  deepFreeze(create(Deployment, aDeployment(spec)).object);

test('[KIN42] the selector of a deployment stays, everything else may change', () => {
  const labels = { app: 'web', tier: 'front' };
  const before = stored({ template: { ...TEMPLATE, metadata: { labels } } });
  const wider = { ...before, spec: { ...before.spec, selector: { matchLabels: labels } } };
  assert.deepEqual(updateErrors(Deployment, { stored: before, next: wider }), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"front"}}: field is immutable',
  ]);
  const more = { ...before, spec: { ...before.spec, replicas: 5, paused: true } };
  assert.deepEqual(updateErrors(Deployment, { stored: before, next: more }), []);
});

test('[KIN43] counts in a status fit each other', () => {
  const status = { replicas: 1, readyReplicas: 1, availableReplicas: 2, collisionCount: 0 };
  const before = { ...stored(), status: { collisionCount: 1 } };
  assert.deepEqual(texts(Deployment.validateStatusUpdate({ ...before, status }, before)), [
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ]);
  assert.deepEqual(texts(Deployment.validateStatusUpdate({ ...before, status: { replicas: -1 } }, stored())), [
    'status.replicas: Invalid value: -1: must be greater than or equal to 0',
    ...['updatedReplicas', 'readyReplicas', 'availableReplicas'].map(
      (part) => `status.${part}: Invalid value: 0: cannot be greater than status.replicas`,
    ),
  ]);
});

test('[KIN44] the table of deployments shows how far the rollout is', () => {
  const deployment = {
    ...stored({ replicas: 3 }),
    status: { readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 },
  };
  const row = Deployment.columns.map(({ name, priority, cell }) => [name, priority, cell(deployment, NOW_MS)]);
  assert.deepEqual(row, [
    ['Name', 0, 'web'],
    ['Ready', 0, '2/3'],
    ['Up-to-date', 0, 1],
    ['Available', 0, 2],
    ['Age', 0, '5m'],
    ['Containers', 1, 'web'],
    ['Images', 1, 'nginx:1.20'],
    ['Selector', 1, 'app=web'],
  ]);
});

test('[KIN44] the table of replica sets shows replicas that are to be, are and are ready', () => {
  const set = { ...create(ReplicaSet, aReplicaSet()).object, status: { replicas: 1 } };
  const row = ReplicaSet.columns.map(({ name, cell }) => [name, cell(set, NOW_MS)]);
  assert.deepEqual(row.slice(0, 5), [
    ['Name', 'web'],
    ['Desired', 1],
    ['Current', 1],
    ['Ready', 0],
    ['Age', '5m'],
  ]);
});

test('[KIN45] deployments and replica sets scale', () => {
  const deployment = stored({ replicas: 3 });
  const { scale } = Deployment;
  assert.ok(scale);
  assert.equal(scale.specReplicas(deployment), 3);
  assert.equal(scale.statusReplicas(deployment), 0);
  assert.equal(scale.selector(deployment), 'app=web');
  assert.equal(scale.withReplicas(deployment, 7).spec.replicas, 7);
});

test('[KIN46] a workload warns of its template, and of a name that makes bad host names', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  const sent = aDeployment(withSpec({ containers: [{ name: 'web', image: 'i', env }] }));
  assert.deepEqual(create(Deployment, { ...sent, metadata: newMeta('a.b') }).warnings, [
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    'spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});
