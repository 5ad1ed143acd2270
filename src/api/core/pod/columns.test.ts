import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#test/builders/kinds';
import type { Container, ContainerState, ContainerStatus, PodSpec, PodStatus } from '../../types/core-v1.ts';
import { Pod } from '../pod.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');

type Row = readonly [ready: string, status: string, restarts: string];

function rowOf(spec: Partial<PodSpec>, status: PodStatus, deleted = false): Row {
  const stored = storedPod(spec);
  const metadata = deleted ? { ...stored.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } : stored.metadata;
  const pod: Pod = { ...stored, metadata, status: { phase: 'Running', ...status } };
  const cells = Pod.columns.slice(1, 4).map(({ cell }) => String(cell(pod, NOW_MS)));
  return [cells[0] ?? '', cells[1] ?? '', cells[2] ?? ''];
}

const is = (state: ContainerState, rest: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'web',
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  state,
  ...rest,
});
const RUNNING = is({ running: {} }, { ready: true, started: true });
const READY = [{ type: 'Ready', status: 'True' }];
const DONE = is({ terminated: { exitCode: 0, reason: 'Completed' } });
const INIT: readonly Container[] = [
  { name: 'a', image: 'a' },
  { name: 'b', image: 'b' },
];
const SIDECAR: readonly Container[] = [{ name: 'a', image: 'a', restartPolicy: 'Always' }];
const restarted = is(
  { running: {} },
  { ready: true, restartCount: 1, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:04:55Z' } } },
);

const CASES: readonly (readonly [string, Partial<PodSpec>, PodStatus, Row])[] = [
  ['waits for a node', {}, { phase: 'Pending' }, ['0/1', 'Pending', '0']],
  ['runs', {}, { containerStatuses: [RUNNING], conditions: READY }, ['1/1', 'Running', '0']],
  ['was evicted', {}, { phase: 'Failed', reason: 'Evicted' }, ['0/1', 'Evicted', '0']],
  [
    'is being made',
    {},
    { phase: 'Pending', containerStatuses: [is({ waiting: { reason: 'ContainerCreating' } })] },
    ['0/1', 'ContainerCreating', '0'],
  ],
  [
    'crashes again and again',
    {},
    { containerStatuses: [is({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3 })] },
    ['0/1', 'CrashLoopBackOff', '3'],
  ],
  ['was started again', {}, { containerStatuses: [restarted], conditions: READY }, ['1/1', 'Running', '1 (5s ago)']],
  ['is done', {}, { phase: 'Succeeded', containerStatuses: [DONE] }, ['0/1', 'Completed', '0']],
  [
    'ended with a code',
    {},
    { phase: 'Failed', containerStatuses: [is({ terminated: { exitCode: 3 } })] },
    ['0/1', 'ExitCode:3', '0'],
  ],
  [
    'ended by a signal',
    {},
    { phase: 'Failed', containerStatuses: [is({ terminated: { exitCode: 137, signal: 9 } })] },
    ['0/1', 'Signal:9', '0'],
  ],
  [
    'is partly done and ready',
    { containers: INIT },
    { containerStatuses: [DONE, RUNNING], conditions: READY },
    ['1/2', 'Running', '0'],
  ],
  [
    'is partly done and not ready',
    { containers: INIT },
    { containerStatuses: [DONE, RUNNING] },
    ['1/2', 'NotReady', '0'],
  ],
  [
    'is at its second init container',
    { initContainers: INIT },
    {
      phase: 'Pending',
      initContainerStatuses: [is({ terminated: { exitCode: 0 } }, { name: 'a' }), is({ running: {} }, { name: 'b' })],
      containerStatuses: [is({ waiting: { reason: 'PodInitializing' } })],
    },
    ['0/1', 'Init:1/2', '0'],
  ],
  [
    'fails to initialise',
    { initContainers: INIT },
    {
      phase: 'Pending',
      initContainerStatuses: [is({ terminated: { exitCode: 1, reason: 'Error' } }, { name: 'a', restartCount: 2 })],
    },
    ['0/1', 'Init:Error', '2'],
  ],
  [
    'crashes while it initialises',
    { initContainers: INIT },
    { phase: 'Pending', initContainerStatuses: [is({ waiting: { reason: 'CrashLoopBackOff' } }, { name: 'a' })] },
    ['0/1', 'Init:CrashLoopBackOff', '0'],
  ],
  [
    'has a sidecar',
    { initContainers: SIDECAR },
    {
      initContainerStatuses: [{ ...RUNNING, name: 'a', restartCount: 1 }],
      containerStatuses: [RUNNING],
      conditions: READY,
    },
    ['2/2', 'Running', '1'],
  ],
  [
    'is held by gates',
    {},
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    ['0/1', 'SchedulingGated', '0'],
  ],
];

for (const [what, spec, status, row] of CASES) {
  test(`[KIN33] a pod that ${what} shows ${row.join(' ')}`, () => {
    assert.deepEqual(rowOf(spec, status), row);
  });
}

test('[KIN33] a pod that is asked to end shows Terminating until it has ended', () => {
  assert.deepEqual(rowOf({}, { containerStatuses: [RUNNING], conditions: READY }, true), ['1/1', 'Terminating', '0']);
  assert.deepEqual(rowOf({}, { phase: 'Succeeded', containerStatuses: [DONE] }, true), ['0/1', 'Completed', '0']);
  assert.deepEqual(rowOf({}, { reason: 'NodeLost' }, true), ['0/1', 'Unknown', '0']);
});

test('[KIN33] wide tables of pods add address, node, nomination and gates', () => {
  const names = Pod.columns.map(({ name, priority }) => `${name}${priority === 1 ? '+' : ''}`);
  assert.deepEqual(names, [
    'Name',
    'Ready',
    'Status',
    'Restarts',
    'Age',
    'IP+',
    'Node+',
    'Nominated Node+',
    'Readiness Gates+',
  ]);
  const stored = storedPod({ nodeName: 'n1', readinessGates: [{ conditionType: 'example.com/a' }] });
  const pod: Pod = { ...stored, status: { podIPs: [{ ip: '198.18.0.1' }] } };
  assert.deepEqual(
    Pod.columns.slice(5).map(({ cell }) => cell(pod, NOW_MS)),
    ['198.18.0.1', 'n1', '<none>', '0/1'],
  );
});

test('[KIN34] pods are selected by node, phase, policies, account, network and address', () => {
  const stored = storedPod({ nodeName: 'n1', hostNetwork: true });
  const fields = Object.entries(Pod.selectableFields).map(([field, value]) => [field, value(stored)]);
  assert.deepEqual(Object.fromEntries(fields), {
    'spec.nodeName': 'n1',
    'spec.host': 'n1',
    'spec.restartPolicy': 'Always',
    'spec.schedulerName': 'default-scheduler',
    'spec.serviceAccountName': '',
    'spec.hostNetwork': 'true',
    'status.phase': 'Pending',
    'status.podIP': '',
    'status.podIPs': '',
    'status.nominatedNodeName': '',
  });
});
