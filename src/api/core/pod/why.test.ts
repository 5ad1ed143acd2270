/** Why pods are not fine, as their status tells it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, PodSpec, PodStatus } from '../../types/core-v1.ts';
import type { ObjectMeta } from '../../types/meta-v1.ts';
import { aPod } from '#test/builders/workloads';
import { whyNotFine } from './why.ts';

type Case = {
  readonly name: string;
  readonly status?: PodStatus;
  readonly spec?: Partial<PodSpec>;
  readonly meta?: Partial<ObjectMeta>;
  readonly why: string;
};

const refused = (message: string): PodStatus => ({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});

const container = (rest: Partial<ContainerStatus>): PodStatus => ({
  phase: 'Running',
  containerStatuses: [
    { name: 'web', image: 'nginx', imageID: '', ready: false, restartCount: 0, state: { running: {} }, ...rest },
  ],
});

const CASES: readonly Case[] = [
  { name: 'a pod that runs', status: container({ ready: true }), why: '' },
  { name: 'a pod that is done', status: { phase: 'Succeeded' }, why: '' },
  { name: 'a pod that nobody has looked at yet', status: { phase: 'Pending' }, why: '' },
  {
    name: 'one refusal',
    status: refused(
      '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    ),
    why: 'Insufficient cpu',
  },
  {
    name: 'several refusals: what most nodes say',
    status: refused(
      '0/4 nodes are available: 1 node(s) were unschedulable, 3 node(s) had untolerated taint {gpu: yes}.',
    ),
    why: 'had untolerated taint {gpu: yes} (3 nodes)',
  },
  {
    name: 'no node at all',
    status: refused('no nodes available to schedule pods'),
    why: 'no nodes available to schedule pods',
  },
  {
    name: 'a reason about the pod as such',
    status: refused('0/3 nodes are available: persistentvolumeclaim "data" not found. not found'),
    why: 'persistentvolumeclaim "data" not found',
  },
  {
    name: 'a gate',
    spec: { schedulingGates: [{ name: 'example.com/a' }, { name: 'example.com/b' }] },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    why: 'gated by example.com/a, example.com/b',
  },
  {
    name: 'a container that ends over and over',
    status: container({
      restartCount: 4,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
      lastState: { terminated: { exitCode: 2, reason: 'Error', message: 'no config file\nusage: web' } },
    }),
    why: 'web exited with 2: no config file, 4 restarts',
  },
  {
    name: 'a container without enough memory',
    status: container({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    }),
    why: 'web ran out of memory (OOMKilled), 1 restarts',
  },
  {
    name: 'an image that is not there',
    status: container({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } } }),
    why: 'web: Back-off pulling image "x"',
  },
  {
    name: 'a container that is being made',
    status: container({ state: { waiting: { reason: 'ContainerCreating' } } }),
    why: '',
  },
  {
    name: 'a container that is not ready',
    status: container({ started: true }),
    why: 'web is not ready (readiness probe)',
  },
  {
    name: 'a container that takes long',
    status: container({ started: false }),
    why: 'web has not started (startup probe)',
  },
  {
    name: 'a pod that failed',
    status: {
      phase: 'Failed',
      containerStatuses: container({ state: { terminated: { exitCode: 3 } } }).containerStatuses ?? [],
    },
    why: 'web exited with 3',
  },
  {
    name: 'an evicted pod',
    status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
    why: 'The node was low on memory.',
  },
  {
    name: 'a pod that is kept',
    meta: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/keep'] },
    why: 'kept by example.com/keep',
  },
];

for (const { name, status, spec = {}, meta = {}, why } of CASES) {
  test(`[EXP6] ${name}`, () => {
    assert.equal(whyNotFine(aPod({ spec, meta, ...(status === undefined ? {} : { status }) })), why);
  });
}
