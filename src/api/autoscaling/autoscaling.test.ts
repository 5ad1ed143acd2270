import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type {
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  MetricSpec,
  MetricStatus,
} from '../types/autoscaling-v2.ts';
import { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';

const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

const anAutoscaler = (
  spec: Partial<HorizontalPodAutoscalerSpec> = {},
  status?: HorizontalPodAutoscalerStatus,
): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: newMeta('web'),
  spec: { scaleTargetRef: TARGET, maxReplicas: 5, ...spec },
  ...(status && { status }),
});

const CPU: MetricSpec = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
};

test('[KIN70] an autoscaler that says nothing else keeps at least one replica, by CPU at 80 %', () => {
  const { object, errors } = create(HorizontalPodAutoscaler, anAutoscaler());
  assert.deepEqual(errors, []);
  assert.deepEqual(object.spec, {
    scaleTargetRef: TARGET,
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  });
});

test('[KIN70] a new autoscaler has no status, whatever the client sent', () => {
  const { object } = create(HorizontalPodAutoscaler, anAutoscaler({}, { desiredReplicas: 3 }));
  assert.deepEqual(object.status, { desiredReplicas: 0 });
});

test('[KIN71] who says something of how to scale gets the rest of the rules spelled out', () => {
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
  assert.deepEqual(create(HorizontalPodAutoscaler, anAutoscaler({ behavior })).object.spec.behavior, {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: 60,
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
  });
});

test('[KIN71] filling in defaults a second time changes nothing', () => {
  const once = HorizontalPodAutoscaler.applyDefaults(anAutoscaler({ behavior: { scaleUp: {} } }));
  assert.deepEqual(HorizontalPodAutoscaler.applyDefaults(once), once);
});

const metrics = (metric: MetricSpec): Partial<HorizontalPodAutoscalerSpec> => ({ metrics: [metric] });
const policies = (type: string, value: number, periodSeconds: number): Partial<HorizontalPodAutoscalerSpec> => ({
  behavior: { scaleUp: { policies: [{ type, value, periodSeconds }] } },
});

const CASES: readonly (readonly [string, Partial<HorizontalPodAutoscalerSpec>, readonly string[]])[] = [
  ['CPU utilization', metrics(CPU), []],
  [
    'no replicas',
    { minReplicas: 0, maxReplicas: 0 },
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
    ],
  ],
  [
    'more at least than at most',
    { minReplicas: 6 },
    ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
  ],
  [
    'no target',
    { scaleTargetRef: { apiVersion: 'apps/v1', kind: '', name: '' } },
    ['spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value'],
  ],
  [
    'a target that is no name',
    { scaleTargetRef: { ...TARGET, name: 'a/b' } },
    ['spec.scaleTargetRef.name: Invalid value: "a/b": may not contain \'/\''],
  ],
  [
    'a target without a group',
    { scaleTargetRef: { kind: 'Deployment', name: 'web' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
  ],
  [
    'a target of a version that is none',
    { scaleTargetRef: { ...TARGET, apiVersion: 'a/b/c' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  ['a replication controller as target', { scaleTargetRef: { kind: 'ReplicationController', name: 'web' } }, []],
  [
    'a metric without a type',
    metrics({ type: '' }),
    [
      'spec.metrics[0].type: Required value: must specify a metric source type',
      'spec.metrics[0].type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
  ],
  [
    'a metric without its source',
    metrics({ type: 'Pods' }),
    ['spec.metrics[0].pods: Required value: must populate information for the given metric source'],
  ],
  [
    'a metric with a source too many',
    metrics({ ...CPU, pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } }),
    ['spec.metrics[0].pods: Forbidden: must populate the given metric source only'],
  ],
  [
    'a resource without an amount',
    metrics({ type: 'Resource', resource: { name: '', target: { type: 'Utilization' } } }),
    [
      'spec.metrics[0].resource.name: Required value: must specify a resource name',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
  ],
  [
    'a resource with two amounts',
    metrics({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Value', averageUtilization: 0, averageValue: '0' } },
    }),
    [
      'spec.metrics[0].resource.target.averageValue: Invalid value: "0": must be positive',
      'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
      'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
  ],
  [
    'a container resource without a container',
    metrics({
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: '', target: { type: 'Utilization', averageUtilization: 50 } },
    }),
    ['spec.metrics[0].containerResource.container: Required value: must specify a container'],
  ],
  [
    'a metric of pods without a name and an average',
    metrics({ type: 'Pods', pods: { metric: { name: '' }, target: { type: '' } } }),
    [
      'spec.metrics[0].pods.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].pods.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].pods.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
    ],
  ],
  [
    'a metric of an object without an amount',
    metrics({
      type: 'Object',
      object: { describedObject: TARGET, metric: { name: 'rps' }, target: { type: 'Value' } },
    }),
    ['spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue'],
  ],
  [
    'an external metric with two amounts',
    metrics({
      type: 'External',
      external: { metric: { name: 'queue' }, target: { type: 'Value', value: '1', averageValue: '1' } },
    }),
    [
      'spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
    ],
  ],
  [
    'a window that is too long',
    { behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } },
    ['spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600'],
  ],
  [
    'an unknown choice among policies',
    { behavior: { scaleUp: { selectPolicy: 'Most' } } },
    ['spec.behavior.scaleUp.selectPolicy: Unsupported value: "Most": supported values: "Disabled", "Max", "Min"'],
  ],
  [
    'no policies',
    { behavior: { scaleUp: { policies: [] } } },
    ['spec.behavior.scaleUp.policies: Required value: must specify at least one Policy'],
  ],
  [
    'a policy of nothing',
    policies('Nodes', 0, 0),
    [
      'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"',
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
    ],
  ],
  [
    'a policy of too long a period',
    policies('Pods', 1, 1801),
    ['spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800'],
  ],
  [
    'a negative tolerance',
    { behavior: { scaleUp: { tolerance: '-1' } } },
    ['spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0'],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[KIN72] an autoscaler with ${what} is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(create(HorizontalPodAutoscaler, anAutoscaler(spec)).errors, errors);
  });
}

const stored = (spec: Partial<HorizontalPodAutoscalerSpec>): HorizontalPodAutoscaler => {
  const { object } = create(HorizontalPodAutoscaler, anAutoscaler(spec));
  return { ...object, metadata: { ...object.metadata, resourceVersion: '1' } };
};

test('[KIN73] an update may change the target, to one that is found by its group', () => {
  const before = stored({});
  const retargeted = (kind: string, apiVersion: string): HorizontalPodAutoscaler => ({
    ...before,
    spec: { ...before.spec, scaleTargetRef: { apiVersion, kind, name: 'web' } },
  });
  const change = (next: HorizontalPodAutoscaler): readonly string[] =>
    updateErrors(HorizontalPodAutoscaler, { stored: before, next });
  assert.deepEqual(change(retargeted('ReplicaSet', 'apps/v1')), []);
  assert.deepEqual(change(retargeted('ReplicaSet', 'v1')), [
    'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
  ]);
});

test('[KIN73] a stored target without a group stays', () => {
  const before = stored({ scaleTargetRef: { kind: 'Deployment', name: 'web' } });
  const next = { ...before, spec: { ...before.spec, maxReplicas: 9 } };
  assert.deepEqual(updateErrors(HorizontalPodAutoscaler, { stored: before, next }), []);
});

test('[KIN73] reported replicas are not negative', () => {
  const before = stored({});
  const next = { ...before, status: { currentReplicas: -1, desiredReplicas: -1 } };
  assert.deepEqual(texts(HorizontalPodAutoscaler.validateStatusUpdate(next, before)), [
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

const VALUE = { metric: { name: 'rps' }, describedObject: TARGET };

const TARGETS: readonly (readonly [string, readonly MetricSpec[], readonly MetricStatus[], string])[] = [
  ['nothing', [], [], '<none>'],
  ['an unmeasured resource', [CPU], [], 'cpu: <unknown>/70%'],
  [
    'a measured resource',
    [CPU],
    [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 5, averageValue: '10m' } } }],
    'cpu: 5%/70%',
  ],
  [
    'an amount of a resource',
    [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }],
    [{ type: 'Resource', resource: { name: 'memory', current: { averageValue: '50Mi' } } }],
    'memory: 50Mi/1Gi',
  ],
  [
    'a resource of a container',
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'web', target: { type: 'Utilization', averageUtilization: 60 } },
      },
    ],
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'web', current: { averageUtilization: 30 } },
      },
    ],
    'cpu: 30%/60%',
  ],
  [
    'a metric of pods',
    [{ type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } }],
    [{ type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '4' } } }],
    '4/10',
  ],
  [
    'a metric of an object',
    [{ type: 'Object', object: { ...VALUE, target: { type: 'Value', value: '2k' } } }],
    [{ type: 'Object', object: { ...VALUE, current: { value: '1k' } } }],
    '1k/2k',
  ],
  [
    'an external average',
    [{ type: 'External', external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '30' } } }],
    [{ type: 'External', external: { metric: { name: 'q' }, current: { averageValue: '12' } } }],
    '12/30 (avg)',
  ],
  ['three resources', [CPU, CPU, CPU], [], 'cpu: <unknown>/70%, cpu: <unknown>/70% + 1 more...'],
];

for (const [what, specs, currentMetrics, text] of TARGETS) {
  test(`[KIN74] the table shows ${what} as ${text}`, () => {
    const shown = anAutoscaler(
      { metrics: specs, minReplicas: 1 },
      { currentReplicas: 2, desiredReplicas: 2, currentMetrics },
    );
    const cells = HorizontalPodAutoscaler.columns.slice(0, -1).map(({ cell }) => cell(shown, 0));
    assert.deepEqual(cells, ['web', 'Deployment/web', text, '1', 5, 2]);
  });
}

test('[KIN74] the columns of autoscalers are named as upstream names them', () => {
  const names = HorizontalPodAutoscaler.columns.map(({ name }) => name);
  assert.deepEqual(names, ['Name', 'Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age']);
});
