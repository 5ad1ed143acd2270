import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec, ResourceRequirements } from '../types/core-v1.ts';
import { podLimits, podRequests } from './pod-resources.ts';
import type { QosClass } from './qos.ts';
import { qosClassOf } from './qos.ts';

const asking = (requests: Readonly<Record<string, string>>, rest: Partial<Container> = {}): Container => ({
  name: 'c',
  image: 'i',
  resources: { requests },
  ...rest,
});

const CASES: readonly (readonly [string, PodSpec, Readonly<Record<string, number>>])[] = [
  [
    'containers add up',
    { containers: [asking({ cpu: '100m', memory: '1Ki' }), asking({ cpu: '1' })] },
    { cpu: 1100, memory: 1024 },
  ],
  [
    'the greatest init container counts if it asks for more',
    { containers: [asking({ cpu: '100m' })], initContainers: [asking({ cpu: '1' }), asking({ cpu: '500m' })] },
    { cpu: 1000 },
  ],
  [
    'sidecars stay, and the init containers after them run beside them',
    {
      containers: [asking({ cpu: '100m' })],
      initContainers: [asking({ cpu: '200m' }, { restartPolicy: 'Always' }), asking({ cpu: '500m' })],
    },
    { cpu: 700 },
  ],
  [
    'overhead adds',
    { containers: [asking({ cpu: '100m' })], overhead: { cpu: '50m', memory: '1Mi' } },
    { cpu: 150, memory: 1_048_576 },
  ],
  [
    'the pod’s own request stands for its containers’',
    { containers: [asking({ cpu: '100m', 'example.com/gpu': '1' })], resources: { requests: { cpu: '1' } } },
    { cpu: 1000, 'example.com/gpu': 1 },
  ],
];

for (const [what, spec, amounts] of CASES) {
  test(`[KIN36] ${what}`, () => {
    assert.deepEqual(podRequests({ spec }), amounts);
  });
}

test('[KIN36] overhead adds to limits only where there are some', () => {
  const containers = [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } } }];
  assert.deepEqual(podLimits({ spec: { containers, overhead: { cpu: '100m', memory: '1Mi' } } }), { cpu: 1100 });
});

const withResources = (...all: readonly ResourceRequirements[]): PodSpec => ({
  containers: all.map((resources, index) => ({ name: `c${index}`, image: 'i', resources })),
});
const FULL = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1024Mi' } };

const CLASSES: readonly (readonly [string, PodSpec, QosClass])[] = [
  ['nothing', withResources({}), 'BestEffort'],
  ['zero', withResources({ requests: { cpu: '0' } }), 'BestEffort'],
  ['just its limits', withResources(FULL), 'Guaranteed'],
  ['less than its limits', withResources({ ...FULL, requests: { cpu: '500m', memory: '1Gi' } }), 'Burstable'],
  ['CPU only', withResources({ limits: { cpu: '1' }, requests: { cpu: '1' } }), 'Burstable'],
  ['something in one of two containers', withResources(FULL, {}), 'Burstable'],
  ['all as a pod', { ...withResources({}), resources: FULL }, 'Guaranteed'],
];

for (const [what, spec, qos] of CLASSES) {
  test(`[KIN37] a pod that asks for ${what} is ${qos}`, () => {
    assert.equal(qosClassOf(spec), qos);
  });
}
