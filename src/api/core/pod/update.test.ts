import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod, texts, updateErrors } from '#test/builders/kinds';
import type { ContainerStatus, PodSpec, PodStatus } from '../../types/core-v1.ts';
import { Pod } from '../pod.ts';

const CHANGEABLE =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n';

type Case = readonly [what: string, stored: Partial<PodSpec>, next: Partial<PodSpec>, errors: readonly string[]];

const TOLERATION = { key: 'a', operator: 'Exists', effect: 'NoExecute' };
const GATES = { schedulingGates: [{ name: 'example.com/a' }, { name: 'example.com/b' }] };

const CASES: readonly Case[] = [
  ['nothing', {}, {}, []],
  ['an image', {}, { containers: [{ name: 'web', image: 'nginx:1.21', imagePullPolicy: 'IfNotPresent' }] }, []],
  [
    'a command',
    {},
    { containers: [{ name: 'web', image: 'nginx:1.20', command: ['x'] }] },
    [
      `${CHANGEABLE}  PodSpec{\n-   containers: [{"name":"web","image":"nginx:1.20","imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","resources":{}}]\n+   containers: [{"name":"web","image":"nginx:1.20","command":["x"],"imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","resources":{}}]\n  }`,
    ],
  ],
  ['the node', {}, { nodeName: 'n1' }, [`${CHANGEABLE}  PodSpec{\n-   nodeName: nil\n+   nodeName: "n1"\n  }`]],
  [
    'the number of containers',
    {},
    {
      containers: [
        { name: 'web', image: 'nginx:1.20' },
        { name: 'b', image: 'b' },
      ],
    },
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  ],
  ['a first deadline', {}, { activeDeadlineSeconds: 60 }, []],
  ['a nearer deadline', { activeDeadlineSeconds: 60 }, { activeDeadlineSeconds: 30 }, []],
  [
    'a later deadline',
    { activeDeadlineSeconds: 30 },
    { activeDeadlineSeconds: 60 },
    ['spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value'],
  ],
  [
    'no deadline any more',
    { activeDeadlineSeconds: 30 },
    {},
    ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
  ],
  [
    'one more toleration',
    { tolerations: [TOLERATION] },
    { tolerations: [TOLERATION, { ...TOLERATION, key: 'b' }] },
    [],
  ],
  [
    'a toleration’s seconds',
    { tolerations: [TOLERATION] },
    { tolerations: [{ ...TOLERATION, tolerationSeconds: 5 }] },
    [],
  ],
  [
    'a toleration less',
    { tolerations: [TOLERATION] },
    {},
    ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  ],
  ['a gate less', GATES, { schedulingGates: [{ name: 'example.com/b' }] }, []],
  [
    'a gate more',
    {},
    { schedulingGates: [{ name: 'example.com/c' }] },
    [
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'example.com/c'",
    ],
  ],
  ['a narrower selector behind gates', GATES, { ...GATES, nodeSelector: { zone: 'a' } }, []],
  [
    'another selector behind gates',
    { ...GATES, nodeSelector: { zone: 'a' } },
    { ...GATES, nodeSelector: { zone: 'b' } },
    [
      'spec.nodeSelector: Invalid value: {"zone":"b"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  ],
];

for (const [what, before, after, errors] of CASES) {
  test(`[KIN30] changing ${what} of a pod is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    const stored = storedPod(before);
    const changed = storedPod(after);
    assert.deepEqual(updateErrors(Pod, { stored, next: { ...stored, spec: changed.spec } }), errors);
  });
}

const ended: ContainerStatus = {
  name: 'web',
  ready: false,
  restartCount: 0,
  image: 'nginx:1.20',
  imageID: '',
  state: { terminated: { exitCode: 0 } },
};
const running: ContainerStatus = { ...ended, state: { running: {} } };

function statusErrors(spec: Partial<PodSpec>, [before, after]: readonly [PodStatus, PodStatus]): readonly string[] {
  const pod = storedPod(spec);
  const stored: Pod = { ...pod, status: { ...pod.status, ...before } };
  return texts(
    Pod.validateStatusUpdate(Pod.applyDefaults({ ...stored, status: { ...stored.status, ...after } }), stored),
  );
}

test('[KIN31] a container that ended for good stays ended', () => {
  const change = [{ containerStatuses: [ended] }, { containerStatuses: [running] }] as const;
  assert.deepEqual(statusErrors({ restartPolicy: 'Always' }, change), []);
  assert.deepEqual(statusErrors({ restartPolicy: 'Never' }, change), [
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ]);
});

test('[KIN31] the class of a pod stays, and a report without it keeps it', () => {
  assert.deepEqual(statusErrors({}, [{}, { qosClass: 'Guaranteed' }]), [
    'status.qosClass: Invalid value: "Guaranteed": field is immutable',
  ]);
  assert.deepEqual(statusErrors({}, [{}, { qosClass: '' }]), []);
});

test('[KIN31] addresses of a pod are addresses, one of each family', () => {
  assert.deepEqual(statusErrors({}, [{}, { podIPs: [{ ip: '198.18.0.1' }, { ip: 'fd00::1' }] }]), []);
  assert.deepEqual(statusErrors({}, [{}, { podIPs: [{ ip: '198.18.0.1' }, { ip: '198.18.0.2' }] }]), [
    'status.podIPs: Invalid value: [{"ip":"198.18.0.1"},{"ip":"198.18.0.2"}]: may specify no more than one IP for each IP family',
  ]);
});

const GRACE: readonly (readonly [string, Partial<PodSpec>, number | undefined, number])[] = [
  ['its own time', { nodeName: 'n1', terminationGracePeriodSeconds: 5 }, undefined, 5],
  ['30 seconds', { nodeName: 'n1' }, undefined, 30],
  ['the time asked for', { nodeName: 'n1' }, 7, 7],
  ['a second for a negative time', { nodeName: 'n1' }, -1, 1],
  ['no time without a node', {}, undefined, 0],
];

for (const [what, spec, requested, seconds] of GRACE) {
  test(`[KIN32] a pod gets ${what} to end`, () => {
    assert.equal(Pod.gracePeriodSeconds(storedPod(spec), requested), seconds);
  });
}
