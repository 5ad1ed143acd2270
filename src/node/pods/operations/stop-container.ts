/** Ends a container: its preStop hook, its stop signal, and SIGKILL when its grace is over. */
import { errorMessage } from '#base/errors';
import { deadlineScope } from '#base/abort';
import type { Container } from '#api/types/core-v1';
import type { StopContainer } from '../plan/pod-state.ts';
import { fieldPath, findContainer, rememberNothing, type OperationInput, type Remember } from './operation.ts';

// What a hook leaves of the grace; the container gets at least this long to end by itself.
const LEAST_GRACE_MS = 2_000;
// Taking a pod out of its services is a matter of milliseconds; where it never happens (nobody else could answer), so be it.
const LONGEST_WITHDRAWAL_MS = 1_000;

export async function stopContainer(input: OperationInput, action: StopContainer): Promise<Remember> {
  const { agent, pod, signal } = input;
  const container = findContainer(pod, action.container);
  const path = fieldPath(pod, container.name);
  const startedMs = agent.world.clock.now();
  if (action.runPreStop) {
    agent.events.report(pod, { type: 'Normal', reason: 'Killing', message: action.message }, path);
    await Promise.all([runPreStop(input, container, action), awaitWithdrawal(input, action)]);
  }
  const usedMs = agent.world.clock.now() - startedMs;
  const leastMs = usedMs > 0 && container.lifecycle?.preStop !== undefined ? LEAST_GRACE_MS : 0;
  const graceMs = Math.max(leastMs, action.graceMs - usedMs);
  await agent.runtime.stopContainer(action.id, graceMs, signal);
  await agent.watch.refreshContainer(action.id);
  return rememberNothing;
}

/** A container that closes its port while connections are still led to it would refuse them. */
async function awaitWithdrawal({ agent, pod, signal }: OperationInput, action: StopContainer): Promise<void> {
  const { metadata, spec } = pod;
  if (agent.beforeStop === undefined || metadata.deletionTimestamp === undefined) return;
  if (spec.hostNetwork === true || action.graceMs === 0) return;
  const podIps = agent.watch.view(metadata.uid).sandboxes[0]?.ips ?? [];
  using scope = deadlineScope(Math.min(LONGEST_WITHDRAWAL_MS, action.graceMs / 2), agent.world.clock, signal);
  await agent.beforeStop(podIps, scope.signal);
  signal.throwIfAborted();
  // Nothing is wrong where no other pod could answer in its place.
  if (scope.signal.aborted)
    agent.logger.info('a pod ends while it is still led to', { pod: metadata.name, at: podIps.join() });
}

async function runPreStop(input: OperationInput, container: Container, action: StopContainer): Promise<void> {
  const handler = container.lifecycle?.preStop;
  if (handler === undefined) return;
  const { agent, pod, signal } = input;
  using scope = deadlineScope(action.graceMs, agent.world.clock, signal);
  try {
    const podIp = agent.watch.view(pod.metadata.uid).sandboxes[0]?.ips[0] ?? '';
    await agent.hooks.run({ handler, container, containerId: action.id, podIp }, scope.signal);
  } catch (error) {
    signal.throwIfAborted();
    // A hook that takes too long has had its time; the container is stopped all the same.
    const report = { type: 'Warning', reason: 'FailedPreStopHook', message: 'PreStopHook failed' } as const;
    agent.events.report(pod, report, fieldPath(pod, container.name));
    agent.logger.warn('a preStop hook failed', {
      pod: pod.metadata.name,
      container: container.name,
      why: errorMessage(error),
    });
  }
}
