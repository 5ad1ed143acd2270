import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newMeta } from '#test/builders/kinds';
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import type * as v1 from '../types/autoscaling-v1.ts';
import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from '../types/autoscaling-v2.ts';
import { hpaFromV1, hpaToV1 } from './conversion.ts';

const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const SELECTOR = { matchLabels: { verb: 'GET' } };

const stored = (
  spec: Partial<HorizontalPodAutoscalerSpec>,
  status: HorizontalPodAutoscalerStatus = { currentReplicas: 1, desiredReplicas: 1 },
): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { ...newMeta('web'), annotations: { team: 'a' } },
  spec: { scaleTargetRef: TARGET, minReplicas: 1, maxReplicas: 5, ...spec },
  status,
});

const sent = (
  spec: Partial<v1.HorizontalPodAutoscalerSpec> = {},
  annotations: Readonly<Record<string, string>> = {},
): v1.HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v1',
  kind: 'HorizontalPodAutoscaler',
  metadata: { ...newMeta('web'), annotations },
  spec: { scaleTargetRef: TARGET, maxReplicas: 5, ...spec },
});

test('[KIN75] what a client of version 1 says of CPU is a metric of version 2', () => {
  const { annotations: _none, ...metadata } = sent().metadata;
  assert.deepEqual(hpaFromV1(sent({ minReplicas: 2, targetCPUUtilizationPercentage: 60 })), {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { ...metadata, annotations: {} },
    spec: {
      scaleTargetRef: TARGET,
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
      ],
    },
  });
});

const EVERYTHING = stored(
  {
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
      },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'web', target: { type: 'Utilization', averageUtilization: 50 } },
      },
      {
        type: 'Pods',
        pods: { metric: { name: 'rps', selector: SELECTOR }, target: { type: 'AverageValue', averageValue: '10' } },
      },
      {
        type: 'Object',
        object: { describedObject: TARGET, metric: { name: 'rps' }, target: { type: 'Value', value: '2k' } },
      },
      {
        type: 'Object',
        object: {
          describedObject: TARGET,
          metric: { name: 'rps' },
          target: { type: 'AverageValue', averageValue: '2' },
        },
      },
      {
        type: 'External',
        external: { metric: { name: 'queue', selector: SELECTOR }, target: { type: 'Value', value: '30' } },
      },
      {
        type: 'External',
        external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '3' } },
      },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    ],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
      },
    },
  },
  {
    observedGeneration: 3,
    lastScaleTime: '2026-01-01T00:00:00Z',
    currentReplicas: 2,
    desiredReplicas: 3,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 35, averageValue: '70m' } } },
      {
        type: 'Pods',
        pods: { metric: { name: 'rps', selector: SELECTOR }, current: { averageValue: '4' } },
      },
      {
        type: 'Object',
        object: { describedObject: TARGET, metric: { name: 'rps' }, current: { value: '1k' } },
      },
    ],
    conditions: [
      { type: 'AbleToScale', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'ReadyForNewScale' },
    ],
  },
);

test('[KIN76] version 1 shows CPU utilization in its fields and everything else in annotations', () => {
  const { metadata, spec, status } = hpaToV1(EVERYTHING);
  assert.deepEqual(spec, {
    scaleTargetRef: TARGET,
    minReplicas: 1,
    maxReplicas: 5,
    targetCPUUtilizationPercentage: 70,
  });
  assert.deepEqual(status, {
    observedGeneration: 3,
    lastScaleTime: '2026-01-01T00:00:00Z',
    currentReplicas: 2,
    desiredReplicas: 3,
    currentCPUUtilizationPercentage: 35,
  });
  const carried = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).map(([key, text]) => [
      key.replace('autoscaling.alpha.kubernetes.io/', ''),
      key === 'team' ? text : (JSON.parse(text) as unknown),
    ]),
  );
  assert.deepEqual(Object.keys(carried), ['team', 'metrics', 'current-metrics', 'conditions', 'behavior']);
  assert.deepEqual((carried['metrics'] as readonly unknown[])[2], {
    type: 'Pods',
    pods: { metricName: 'rps', selector: SELECTOR, targetAverageValue: '10' },
  });
  assert.deepEqual((carried['current-metrics'] as readonly unknown[])[0], {
    type: 'Resource',
    resource: { name: 'cpu', currentAverageUtilization: 35, currentAverageValue: '70m' },
  });
  assert.deepEqual(carried['behavior'], {
    ScaleUp: {
      StabilizationWindowSeconds: 0,
      SelectPolicy: 'Max',
      Policies: [{ Type: 'Pods', Value: 4, PeriodSeconds: 15 }],
    },
  });
});

test('[KIN76] nothing is lost between the versions and back', () => {
  assert.deepEqual(hpaFromV1(hpaToV1(EVERYTHING)), EVERYTHING);
});

test('[KIN76] no annotations of the conversion are kept in version 2, and none of an author shown in version 1', () => {
  const forged = { 'autoscaling.alpha.kubernetes.io/conditions': '[]' };
  const plain = stored({});
  const shown = hpaToV1({ ...plain, metadata: { ...plain.metadata, annotations: { team: 'a', ...forged } } });
  assert.deepEqual(shown.metadata.annotations, { team: 'a' });
  assert.equal(hpaFromV1(sent({}, forged)).metadata.annotations, undefined);
});

const CARRIED = ['metrics', 'current-metrics', 'conditions', 'behavior'].map(
  (name) => `autoscaling.alpha.kubernetes.io/${name}`,
);
const GIBBERISH = ['', '{', '7', 'null', '[7]', '["x"]', '{"ScaleUp":7}', '[{"type":{}}]'];

for (const text of GIBBERISH) {
  test(`[KIN77] annotations that hold ${text || 'nothing'} are taken for nothing`, () => {
    const annotations = Object.fromEntries(CARRIED.map((key) => [key, text]));
    const withStatus = { ...sent({}, annotations), status: { currentReplicas: 1, desiredReplicas: 1 } };
    const { spec, status } = hpaFromV1(withStatus);
    assert.deepEqual(status, { currentReplicas: 1, desiredReplicas: 1 });
    assert.deepEqual(spec.metrics, undefined);
  });
}

test('[KIN77] a carried metric without amounts is a metric that validation refuses', () => {
  const annotations = { [CARRIED[0]!]: '[{"type":"Resource","resource":{"name":"cpu"}}]' };
  assert.deepEqual(hpaFromV1(sent({}, annotations)).spec.metrics, [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue' } } },
  ]);
});
