/** Carries out one step of a pod's plan. */
import { rm } from 'node:fs/promises';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { errorMessage } from '#base/errors';
import { logFiles } from '../../logs/log-files.ts';
import { podPaths } from '../config/pod-paths.ts';
import type { PodAction } from '../plan/pod-state.ts';
import { VolumeError } from '../volume-error.ts';
import { ensureImage } from './ensure-image.ts';
import { failureAgain, rememberNothing, type OperationInput, type Remember } from './operation.ts';
import { resizePod } from './resize-pod.ts';
import { startContainer } from './start-container.ts';
import { startSandbox } from './start-sandbox.ts';
import { stopContainer } from './stop-container.ts';

const VOLUME_RETRY = { firstMs: 500, longestMs: 122_000 };
// Somebody's finalizers may keep the object; its own deletion is tried again in case it was that which got lost.
const DELETE_AGAIN_MS = 10_000;

export function runAction(action: PodAction, input: OperationInput): Promise<Remember> {
  switch (action.type) {
    case 'PrepareVolumes':
      return prepareVolumes(input);
    case 'StartSandbox':
      return startSandbox(input, action);
    case 'StopSandbox':
      return stopSandbox(input, action.id);
    case 'RemoveSandbox':
      return removeSandbox(input, action.id);
    case 'EnsureImage':
      return ensureImage(input, action.container);
    case 'StartContainer':
      return startContainer(input, action);
    case 'StopContainer':
      return stopContainer(input, action);
    case 'RemoveContainer':
      return removeContainer(input, action.id);
    case 'ResizePod':
      return resizePod(input, action);
    case 'CleanUp':
      return cleanUp(input);
    case 'DeletePod':
      return deletePod(input);
  }
}

async function prepareVolumes({ agent, pod, signal, memory: before }: OperationInput): Promise<Remember> {
  const version = before.volumesVersion;
  try {
    await agent.volumes.setUp(pod, signal);
    return ({ volumesFailure: _healed, ...memory }) => ({ ...memory, volumesReady: memory.volumesVersion === version });
  } catch (error) {
    signal.throwIfAborted();
    const message =
      error instanceof VolumeError
        ? `MountVolume.SetUp failed for volume ${JSON.stringify(error.volume)} : ${error.message}`
        : errorMessage(error);
    agent.events.report(pod, { type: 'Warning', reason: 'FailedMount', message });
    const now = agent.world.clock.now();
    return (memory) => ({
      ...memory,
      volumesFailure: failureAgain(memory.volumesFailure, { reason: 'FailedMount', message, now }, VOLUME_RETRY),
    });
  }
}

async function stopSandbox({ agent, signal }: OperationInput, id: string): Promise<Remember> {
  await agent.runtime.stopPodSandbox(id, signal);
  await agent.watch.refreshSandbox(id);
  return rememberNothing;
}

async function removeSandbox({ agent, pod, signal }: OperationInput, id: string): Promise<Remember> {
  const { uid } = pod.metadata;
  const inIt = agent.watch.view(uid).containers.filter(({ sandboxId }) => sandboxId === id);
  await agent.runtime.removePodSandbox(id, signal);
  for (const container of inIt) agent.watch.forget(container.id);
  agent.watch.forget(id);
  const isLast = agent.watch.view(uid).sandboxes.length === 0;
  if (isLast && !agent.simulated) await rm(podPaths(agent.node.dirs, pod).logs, { recursive: true, force: true });
  return rememberNothing;
}

async function removeContainer({ agent, signal }: OperationInput, id: string): Promise<Remember> {
  const logPath = agent.watch.logPath(id);
  await agent.runtime.removeContainer(id, signal);
  agent.watch.forget(id);
  if (logPath === undefined || agent.simulated) return rememberNothing;
  for (const file of await logFiles(logPath)) await rm(file, { force: true });
  return rememberNothing;
}

async function cleanUp({ agent, pod }: OperationInput): Promise<Remember> {
  await agent.volumes.tearDown(pod);
  agent.objects.release(pod.metadata.uid);
  if (!agent.simulated) await rm(podPaths(agent.node.dirs, pod).root, { recursive: true, force: true });
  return (memory) => ({ ...memory, cleanedUp: true });
}

async function deletePod({ agent, pod, signal }: OperationInput): Promise<Remember> {
  const { namespace, name, uid } = pod.metadata;
  try {
    await agent.client.delete(Pod, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid }, signal });
  } catch (error) {
    // Gone already, or another pod of that name has taken its place.
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
  }
  const deleteAgainAtMs = agent.world.clock.now() + DELETE_AGAIN_MS;
  return (memory) => ({ ...memory, deleteAgainAtMs });
}
