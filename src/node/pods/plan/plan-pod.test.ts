import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PodStatus } from '#api/types/core-v1';
import { aBoundPod, PodOnNode, START_MS } from '#test/builders/pod-on-node';

const conditions = (status: PodStatus): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (status.conditions ?? []).map(({ type, status: is, reason }) => [
      type,
      reason === undefined ? is : `${is} ${reason}`,
    ]),
  );

const state = ({ containerStatuses = [] }: PodStatus, index = 0) => containerStatuses[index]?.state;

test('[NOD1] a new pod gets its volumes, then its sandbox and image, then its container', () => {
  const node = new PodOnNode();
  assert.deepEqual(node.plan().status.phase, 'Pending');
  const { status } = node.settle();
  assert.deepEqual(node.trace, ['PrepareVolumes', 'EnsureImage web', 'StartSandbox', 'StartContainer web']);
  assert.equal(status.phase, 'Running');
  assert.deepEqual(
    [status.podIP, status.hostIP, status.startTime],
    ['198.18.1.5', '198.18.0.1', '2026-01-01T00:00:00Z'],
  );
});

test('[NOD2] a running pod shows all its conditions as true, and its container as started and ready', () => {
  const { status } = new PodOnNode().settle();
  assert.deepEqual(conditions(status), {
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  const { name, ready, started, restartCount, containerID } = status.containerStatuses?.[0] ?? {};
  assert.deepEqual(
    [name, ready, started, restartCount, containerID],
    ['web', true, true, 0, 'containerd://container-2'],
  );
});

test('[NOD3] a pod that is being made says what it waits for', () => {
  const { status } = new PodOnNode().plan();
  assert.deepEqual(state(status), { waiting: { reason: 'ContainerCreating' } });
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.reason, ready?.message], ['ContainersNotReady', 'containers with unready status: [web]']);
  assert.equal(conditions(status)['PodReadyToStartContainers'], 'False');
});

test('[NOD4] init containers run one after the other, and ordinary ones after the last', () => {
  const spec = {
    initContainers: [
      { name: 'one', image: 'i' },
      { name: 'two', image: 'i' },
    ],
  };
  const node = new PodOnNode(aBoundPod({ spec }));
  const first = node.settle().status;
  assert.deepEqual([first.phase, state(first)], ['Pending', { waiting: { reason: 'PodInitializing' } }]);
  const initialized = first.conditions?.find(({ type }) => type === 'Initialized');
  assert.equal(initialized?.message, 'containers with incomplete status: [one two]');
  node.exit('one', 0);
  node.settle();
  node.exit('two', 0);
  const last = node.settle().status;
  assert.deepEqual(
    node.trace.filter((each) => each.startsWith('StartContainer')),
    ['StartContainer one', 'StartContainer two', 'StartContainer web'],
  );
  assert.deepEqual([last.phase, conditions(last)['Initialized']], ['Running', 'True']);
  assert.deepEqual(
    last.initContainerStatuses?.map(({ ready, state: is }) => [ready, is?.terminated?.reason]),
    [
      [true, 'Completed'],
      [true, 'Completed'],
    ],
  );
});

test('[NOD5] an init container that fails is tried again, and ends the pod where nothing may be restarted', () => {
  const initContainers = [{ name: 'init', image: 'i' }];
  const patient = new PodOnNode(aBoundPod({ spec: { initContainers } }));
  patient.settle();
  patient.exit('init', 1);
  patient.settle();
  assert.equal(patient.current('init')?.restartCount, 1);
  const strict = new PodOnNode(aBoundPod({ spec: { initContainers, restartPolicy: 'Never' } }));
  strict.settle();
  strict.exit('init', 1);
  const { status } = strict.settle();
  assert.deepEqual([status.phase, status.initContainerStatuses?.[0]?.state?.terminated?.exitCode], ['Failed', 1]);
});

test('[NOD6] a sidecar starts before what comes after it, is restarted, and ends after the others', () => {
  const spec = {
    initContainers: [{ name: 'proxy', image: 'p', restartPolicy: 'Always', startupProbe: {} }],
    restartPolicy: 'Never',
  };
  const node = new PodOnNode(aBoundPod({ spec }));
  assert.equal(node.settle().status.phase, 'Pending');
  node.judge('proxy', { startup: 'Success' });
  assert.equal(node.settle().status.phase, 'Running');
  node.exit('proxy', 1);
  node.settle();
  assert.equal(node.current('proxy')?.restartCount, 1);
  node.exit('web', 0);
  const { status } = node.settle();
  assert.deepEqual([node.current('proxy')?.state, status.phase], ['Exited', 'Succeeded']);
});

test('[NOD7] containers that end are restarted as the policy says, and the phase follows', () => {
  const outcome = (restartPolicy: string, exitCode: number): readonly unknown[] => {
    const node = new PodOnNode(aBoundPod({ spec: { restartPolicy } }));
    node.settle();
    node.exit('web', exitCode);
    const { status } = node.settle();
    return [node.current()?.restartCount, status.phase];
  };
  assert.deepEqual(
    [
      outcome('Always', 0),
      outcome('Always', 1),
      outcome('OnFailure', 0),
      outcome('OnFailure', 1),
      outcome('Never', 0),
      outcome('Never', 1),
    ],
    [
      [1, 'Running'],
      [1, 'Running'],
      [0, 'Succeeded'],
      [1, 'Running'],
      [0, 'Succeeded'],
      [0, 'Failed'],
    ],
  );
});

test('[NOD8] a container that keeps failing waits longer each time, up to five minutes', () => {
  const node = new PodOnNode();
  node.settle();
  const waits: number[] = [];
  for (let crash = 0; crash < 8; crash++) {
    node.exit('web', 1);
    const plan = node.settle();
    waits.push((plan.requeueAfterMs ?? 0) / 1000);
    node.advance(plan.requeueAfterMs ?? 0);
  }
  assert.deepEqual(waits, [0, 10, 20, 40, 80, 160, 300, 300]);
});

test('[NOD8] while it waits it says so, and how it ended before', () => {
  const node = new PodOnNode();
  node.settle();
  for (let crash = 0; crash < 2; crash++) {
    node.exit('web', 3, { message: 'no config' });
    node.settle();
  }
  const [web] = node.status.containerStatuses ?? [];
  assert.deepEqual(web?.state, {
    waiting: {
      reason: 'CrashLoopBackOff',
      message: 'back-off 10s restarting failed container=web pod=web-1_default(uid-of-web-1)',
    },
  });
  assert.deepEqual([web?.lastState?.terminated?.exitCode, web?.lastState?.terminated?.message], [3, 'no config']);
  assert.deepEqual([web?.ready, web?.restartCount, node.status.phase], [false, 1, 'Running']);
});

test('[NOD9] a container that ran for more than ten minutes starts again without waiting', () => {
  const node = new PodOnNode();
  node.settle();
  node.exit('web', 1);
  node.settle();
  node.advance(600_001);
  node.exit('web', 1);
  assert.equal(node.settle().requeueAfterMs, undefined);
  assert.equal(node.current()?.restartCount, 2);
});

test('[NOD10] a container is ready when its readiness probe says so, and no longer when it does not', () => {
  const node = new PodOnNode(aBoundPod({ spec: { containers: [{ name: 'web', readinessProbe: {} }] } }));
  assert.equal(conditions(node.settle().status)['Ready'], 'False ContainersNotReady');
  node.judge('web', { readiness: 'Success' });
  assert.equal(conditions(node.settle().status)['Ready'], 'True');
  node.judge('web', { readiness: 'Failure' });
  node.now += 5_000;
  const { status } = node.settle();
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.status, ready?.lastTransitionTime], ['False', '2026-01-01T00:00:05Z']);
});

test("[NOD11] a container that fails its liveness or startup probe is stopped, with the probe's own grace, and restarted", () => {
  const livenessProbe = { terminationGracePeriodSeconds: 3 };
  const node = new PodOnNode(aBoundPod({ spec: { containers: [{ name: 'web', livenessProbe, startupProbe: {} }] } }));
  node.settle();
  node.judge('web', { startup: 'Failure' });
  const [startup] = node.plan().actions;
  node.judge('web', { startup: 'Success', liveness: 'Failure' });
  const [liveness] = node.plan().actions;
  assert.deepEqual(
    [startup, liveness].map((each) => each?.type === 'StopContainer' && [each.message, each.graceMs]),
    [
      ['Container web failed startup probe, will be restarted', 30_000],
      ['Container web failed liveness probe, will be restarted', 3_000],
    ],
  );
  node.settle();
  assert.deepEqual([node.current()?.restartCount, node.current()?.state], [1, 'Running']);
});

test('[NOD12] a changed image restarts the container', () => {
  const node = new PodOnNode();
  node.settle();
  node.pod = { ...node.pod, spec: { ...node.pod.spec, containers: [{ name: 'web', image: 'nginx:2' }] } };
  const [stop] = node.plan().actions;
  assert.equal(stop?.type === 'StopContainer' && stop.message, 'Container web definition changed, will be restarted');
  node.settle();
  assert.equal(node.current()?.restartCount, 1);
});

test('[NOD13] a sandbox that died takes its containers with it and is made anew with the next attempt', () => {
  const node = new PodOnNode(aBoundPod({ spec: { initContainers: [{ name: 'init', image: 'i' }] } }));
  node.settle();
  node.exit('init', 0);
  node.settle();
  node.killSandbox();
  node.settle();
  node.exit('init', 0);
  const { status } = node.settle();
  assert.deepEqual([node.sandboxes[0]?.attempt, node.sandboxes[0]?.ready, status.phase], [1, true, 'Running']);
  // Initialised again, since what was initialised is gone.
  assert.deepEqual([node.current('init')?.restartCount, node.current('web')?.restartCount], [1, 1]);
});

test('[NOD14] an agent that starts anew takes over what runs, with its identity and restart counts', () => {
  const node = new PodOnNode();
  node.settle();
  node.exit('web', 1);
  node.settle();
  const before = node.current();
  node.restartAgent();
  node.trace.length = 0;
  node.settle();
  assert.deepEqual([node.current(), node.trace], [before, ['PrepareVolumes']]);
});

test('[NOD15] a container that was created but never started is made again under the same count', () => {
  const node = new PodOnNode();
  node.settle();
  node.containers = node.containers.map(({ startedAtMs: _never, ...each }) => ({ ...each, state: 'Created' }));
  node.restartAgent();
  node.settle();
  assert.deepEqual([node.current()?.state, node.current()?.restartCount, node.containers.length], ['Running', 0, 1]);
});

test('[NOD16] a deleted pod is stopped, taken down, and only then removed from the API', () => {
  const node = new PodOnNode();
  node.settle();
  node.trace.length = 0;
  node.delete(7);
  const [stop] = node.plan().actions;
  assert.deepEqual(stop?.type === 'StopContainer' && [stop.graceMs, stop.message], [7_000, 'Stopping container web']);
  const plan = node.settle();
  assert.deepEqual(node.trace, ['StopContainer web', 'StopSandbox', 'CleanUp', 'DeletePod', 'RemoveSandbox']);
  assert.equal(plan.finished, true);
});

test('[NOD17] the final status of a deleted pod says how its containers ended', () => {
  const node = new PodOnNode();
  node.settle();
  node.delete();
  const [stop] = node.plan().actions;
  if (stop !== undefined) node.apply(stop);
  const { status } = node.plan();
  assert.deepEqual([status.phase, state(status)?.terminated?.exitCode], ['Failed', 143]);
});

test('[NOD18] a shorter grace period overtakes a stop that is under way', () => {
  const node = new PodOnNode();
  node.settle();
  node.delete(30);
  const [stop] = node.plan().actions;
  if (stop !== undefined) node.begin(stop);
  assert.deepEqual(node.plan().actions, []);
  node.delete(2);
  const [sooner] = node.plan().actions;
  assert.deepEqual(sooner?.type === 'StopContainer' && [sooner.graceMs, sooner.runPreStop], [2_000, false]);
});

test('[NOD19] sidecars of a deleted pod end after the others, the last one first', () => {
  const sidecar = { image: 's', restartPolicy: 'Always' };
  const spec = {
    initContainers: [
      { name: 'a', ...sidecar },
      { name: 'b', ...sidecar },
    ],
  };
  const node = new PodOnNode(aBoundPod({ spec }));
  node.settle();
  node.trace.length = 0;
  node.delete();
  node.settle();
  assert.deepEqual(
    node.trace.filter((each) => each.startsWith('Stop')),
    ['StopContainer web', 'StopContainer b', 'StopContainer a', 'StopSandbox'],
  );
});

test('[NOD20] a pod whose object is gone is taken down without a word to the API', () => {
  const node = new PodOnNode();
  node.settle();
  node.exists = false;
  node.trace.length = 0;
  assert.equal(node.settle().finished, true);
  assert.deepEqual(node.trace, ['StopContainer web', 'StopSandbox', 'CleanUp', 'RemoveSandbox']);
});

test('[NOD21] a pod ends when its deadline has passed', () => {
  const node = new PodOnNode(aBoundPod({ spec: { activeDeadlineSeconds: 60 } }));
  assert.equal(node.settle().requeueAfterMs, 60_000);
  const { status } = node.advance(60_000);
  assert.deepEqual(
    [status.phase, status.reason, status.message],
    ['Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
  );
  assert.equal(node.advance(1_000).status.reason, 'DeadlineExceeded');
});

test('[NOD22] a pod that is done keeps its containers for their logs, and neither sandbox nor volumes', () => {
  const node = new PodOnNode(aBoundPod({ spec: { restartPolicy: 'Never' } }));
  node.settle();
  node.exit('web', 0);
  const { status } = node.settle();
  assert.deepEqual(node.trace.slice(-2), ['StopSandbox', 'CleanUp']);
  assert.deepEqual(
    [conditions(status)['Ready'], conditions(status)['Initialized']],
    ['False PodCompleted', 'True PodCompleted'],
  );
  assert.equal(node.current()?.state, 'Exited');
});

test('[NOD23] an image that cannot be pulled is shown as an error first and as waiting then', () => {
  const node = new PodOnNode();
  const failure = {
    reason: 'ErrImagePull',
    message: 'not found',
    failures: 1,
    retryAtMs: START_MS + 10_000,
    failedAtMs: START_MS,
    pulled: true,
  };
  node.remember('web', () => ({ image: { state: 'Failed', ...failure } }));
  assert.deepEqual(state(node.settle().status), { waiting: { reason: 'ErrImagePull', message: 'not found' } });
  node.now += 2_000;
  const plan = node.settle();
  const message = 'Back-off pulling image "nginx:1": ErrImagePull: not found';
  assert.deepEqual(
    [state(plan.status), plan.requeueAfterMs],
    [{ waiting: { reason: 'ImagePullBackOff', message } }, 8_000],
  );
  node.advance(8_000);
  assert.equal(node.trace.at(-1), 'StartContainer web');
});

test('[NOD24] a container that cannot be made says why, and is tried again', () => {
  const node = new PodOnNode();
  const failure = {
    reason: 'CreateContainerConfigError',
    message: 'configmap "app" not found',
    failures: 1,
    retryAtMs: START_MS + 10_000,
  };
  node.remember('web', () => ({ failure }));
  const plan = node.settle();
  assert.deepEqual(
    [state(plan.status), plan.status.phase],
    [{ waiting: { reason: 'CreateContainerConfigError', message: 'configmap "app" not found' } }, 'Pending'],
  );
  assert.equal(node.advance(10_000).status.phase, 'Running');
});

test('[NOD25] of each container only the last two records are kept', () => {
  const node = new PodOnNode();
  node.settle();
  for (let crash = 0; crash < 4; crash++) {
    node.exit('web', 1);
    node.advance(300_000);
  }
  assert.deepEqual(
    node.containers.map(({ restartCount }) => restartCount),
    [4, 3],
  );
});

test('[NOD26] while a container is being started its status stays what it was', () => {
  const node = new PodOnNode();
  node.settle();
  node.exit('web', 1);
  const { actions, status } = node.plan();
  for (const action of actions) node.begin(action);
  assert.deepEqual(state(node.plan().status), state(status));
});

test('[NOD27] a container that vanished is restarted, and its loss is told', () => {
  const node = new PodOnNode();
  node.settle();
  node.containers = [];
  node.settle();
  const [web] = node.status.containerStatuses ?? [];
  assert.deepEqual([web?.restartCount, web?.lastState?.terminated?.reason], [1, 'ContainerStatusUnknown']);
});

test('[NOD28] conditions of others and readiness gates count', () => {
  const gate = 'example.com/warm';
  const node = new PodOnNode(aBoundPod({ spec: { readinessGates: [{ conditionType: gate }] } }));
  const ready = (status: PodStatus) => status.conditions?.find(({ type }) => type === 'Ready');
  assert.equal(
    ready(node.settle().status)?.message,
    `corresponding condition of pod readiness gate "${gate}" does not exist.`,
  );
  node.pod = { ...node.pod, status: { conditions: [{ type: gate, status: 'True' }] } };
  const { status } = node.settle();
  assert.deepEqual([ready(status)?.status, conditions(status)[gate]], ['True', 'True']);
});

test('[NOD29] whatever happens to a pod, its containers are never doubled and it comes to its end', () => {
  const fault = fc.oneof(
    fc.record({
      what: fc.constant('exit'),
      name: fc.constantFrom('init', 'proxy', 'web'),
      code: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({ what: fc.constantFrom('sandbox', 'restart', 'half', 'live', 'wait') }),
  );
  const policies = fc.constantFrom('Always', 'OnFailure', 'Never');
  fc.assert(
    fc.property(policies, fc.array(fault, { maxLength: 30 }), (restartPolicy, faults) => {
      const node = aBusyPod(restartPolicy);
      for (const each of faults) {
        node.settle();
        checkSane(node);
        strike(node, each);
      }
      node.delete();
      for (let round = 0; round < 50 && !node.plan().finished; round++) node.advance(300_000);
      assert.equal(node.plan().finished, true);
      assert.deepEqual([node.sandboxes, node.containers], [[], []]);
    }),
    { numRuns: 300 },
  );
});

test('[NOD29] a plan depends on its input alone', () => {
  const node = new PodOnNode();
  node.settle();
  node.exit('web', 1);
  assert.deepEqual(node.plan(), node.plan());
});

function aBusyPod(restartPolicy: string): PodOnNode {
  return new PodOnNode(
    aBoundPod({
      spec: {
        restartPolicy,
        initContainers: [
          { name: 'proxy', image: 'p', restartPolicy: 'Always' },
          { name: 'init', image: 'i' },
        ],
        containers: [
          { name: 'web', image: 'w', livenessProbe: {} },
          { name: 'log', image: 'l' },
        ],
      },
    }),
  );
}

type Fault = { readonly what: string; readonly name?: string; readonly code?: number };

function strike(node: PodOnNode, { what, name = '', code = 0 }: Fault): void {
  if (what === 'exit') node.exit(name, code);
  if (what === 'sandbox') node.killSandbox();
  if (what === 'restart') node.restartAgent();
  if (what === 'live') node.judge('web', { liveness: 'Failure' });
  if (what === 'wait') node.now += 15_000;
  // The agent dies between the steps of a plan.
  if (what === 'half') {
    const [first] = node.plan().actions;
    if (first !== undefined) node.apply(first);
    node.restartAgent();
  }
}

function checkSane(node: PodOnNode): void {
  const running = node.containers.filter(({ state: is }) => is === 'Running').map(({ name }) => name);
  assert.deepEqual(running.toSorted(), [...new Set(running)].toSorted());
  const web = node.current('web');
  if (web?.state !== 'Running') return;
  const inits = node.containers.filter(({ name, sandboxId }) => name === 'init' && sandboxId === web.sandboxId);
  assert.ok(
    inits.some(({ exitCode }) => exitCode === 0),
    'an ordinary container runs in a sandbox that was not initialised',
  );
}
