import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, newPod, newPodWith, storedPod } from '#test/builders/kinds';
import { Pod } from '../pod.ts';

const CASES: readonly (readonly [string, Pod, readonly string[]])[] = [
  ['a plain pod', newPod(), []],
  [
    'a variable that comes twice',
    newPodWith({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
        { name: 'A', value: '$(A)3' },
      ],
    }),
    ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  ],
  [
    'an old label',
    newPod({ nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' } }),
    ['spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ],
  [
    'an old annotation',
    newPod({}, { 'scheduler.alpha.kubernetes.io/critical-pod': '' }),
    [
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    ],
  ],
  [
    'an old volume',
    newPod({ volumes: [{ name: 'a', gitRepo: { repository: 'x' } }] }),
    ['spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+'],
  ],
  [
    'a part of a byte',
    newPodWith({ resources: { requests: { memory: '500m' } } }),
    ['spec.containers[0].resources.requests[memory]: fractional byte value "500m" is invalid, must be an integer'],
  ],
  [
    'a port twice',
    newPodWith({ ports: [{ containerPort: 80 }, { containerPort: 80 }] }),
    ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
  ],
  [
    'a pull secret twice',
    newPod({ imagePullSecrets: [{ name: 'a' }, { name: 'a' }] }),
    ['spec.imagePullSecrets[1].name: duplicate name "a"'],
  ],
  [
    'a negative time to end',
    newPod({ terminationGracePeriodSeconds: -1 }),
    ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
  ],
  [
    'a name with dots',
    { ...newPod(), metadata: newMeta('a.b') },
    [
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ],
  ],
];

for (const [what, pod, warnings] of CASES) {
  test(`[KIN35] ${what} gives ${warnings.length} warnings`, () => {
    const created = create(Pod, pod);
    assert.deepEqual([created.errors, created.warnings], [[], warnings]);
  });
}

test('[KIN35] a pod that exists gives no warnings', () => {
  assert.deepEqual(Pod.warnings(storedPod({ terminationGracePeriodSeconds: -1 })), []);
});

test('[KIN35] pods that share a spec are warned each of its own annotations', () => {
  const { spec } = create(Pod, newPod({ terminationGracePeriodSeconds: -1 })).object as Pod;
  const counts = [undefined, { 'security.alpha.kubernetes.io/sysctls': '' }, { note: 'any' }].map((annotations) => {
    const metadata = { ...newMeta('a'), ...(annotations === undefined ? {} : { annotations }) };
    return Pod.warnings({ ...newPod(), metadata, spec: deepFreeze(spec) }).length;
  });
  assert.deepEqual(counts, [1, 2, 1]);
});
