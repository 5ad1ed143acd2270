/** Creates and starts a container, and runs its postStart hook; whatever fails becomes the reason it waits. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorMessage } from '#base/errors';
import type { Container } from '#api/types/core-v1';
import type { ContainerConfig } from '../../runtime/container.ts';
import type { ContainerRequest } from '../../runtime/runtime.ts';
import type { SandboxConfig } from '../../runtime/sandbox.ts';
import { ConfigError } from '../config/config-error.ts';
import { logFile, podPaths } from '../config/pod-paths.ts';
import type { StartContainer } from '../plan/pod-state.ts';
import { graceMsOf } from '../plan/termination-grace.ts';
import { buildContainer } from './build-container.ts';
import {
  failureAgain,
  fieldPath,
  findContainer,
  rememberContainer,
  type OperationInput,
  type Remember,
} from './operation.ts';
import { configFor } from './start-sandbox.ts';

const RETRY = { firstMs: 10_000, longestMs: 10_000 };

class StartFailure extends Error {
  readonly reason: string;

  constructor(reason: string, message: string, options: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export async function startContainer(input: OperationInput, action: StartContainer): Promise<Remember> {
  const { agent, signal } = input;
  const container = findContainer(input.pod, action.container);
  try {
    using _place = await agent.starts.enter(signal);
    await make(input, container, action);
    return rememberStart(action);
  } catch (error) {
    signal.throwIfAborted();
    return failed(input, action, error);
  }
}

// The image is looked at again before each start: it may be gone, or its policy may ask for a fresh pull.
function rememberStart({ container, crash }: StartContainer): Remember {
  return rememberContainer(container, () => (crash === undefined ? {} : { crash }));
}

async function make(input: OperationInput, container: Container, action: StartContainer): Promise<void> {
  const { agent, pod, signal } = input;
  const config = await buildContainer(input, container, action);
  if (!agent.simulated) await makeFiles(input, container, { config, restartCount: action.restartCount });
  const id = await create(input, action, config);
  event(input, container, ['Created', `Created container: ${container.name}`]);
  try {
    await agent.runtime.startContainer(id, signal);
  } catch (error) {
    await agent.watch.refreshContainer(id);
    throw new StartFailure('RunContainerError', errorMessage(error), { cause: error });
  }
  event(input, container, ['Started', `Started container ${container.name}`]);
  await agent.watch.refreshContainer(id);
  const handler = container.lifecycle?.postStart;
  if (handler === undefined) return;
  const podIp = agent.watch.view(pod.metadata.uid).sandboxes[0]?.ips[0] ?? '';
  try {
    await agent.hooks.run({ handler, container, containerId: id, podIp }, signal);
  } catch (error) {
    signal.throwIfAborted();
    await endAfterHook(input, container, id);
    throw new StartFailure('PostStartHookError', errorMessage(error), { cause: error });
  }
}

async function makeFiles(
  { agent, pod }: OperationInput,
  container: Container,
  { config, restartCount }: { readonly config: ContainerConfig; readonly restartCount: number },
): Promise<void> {
  const paths = podPaths(agent.node.dirs, pod);
  await mkdir(join(paths.logs, dirname(logFile(container.name, restartCount))), { recursive: true });
  const path = container.terminationMessagePath ?? '/dev/termination-log';
  const file = config.mounts.find(({ containerPath }) => containerPath === path)?.hostPath;
  if (file === undefined || !file.startsWith(paths.root)) return;
  await mkdir(dirname(file), { recursive: true });
  // The container may run as anybody; the umask would take the right to write away.
  await writeFile(file, '');
  await chmod(file, 0o666);
}

async function create(input: OperationInput, action: StartContainer, config: ContainerConfig): Promise<string> {
  const { agent, signal } = input;
  try {
    return await agent.runtime.createContainer(new RequestOf(input, action.sandboxId, config), signal);
  } catch (error) {
    throw new ConfigError(errorMessage(error), 'CreateContainerError', { cause: error });
  }
}

class RequestOf implements ContainerRequest {
  readonly sandboxId: string;
  readonly container: ContainerConfig;
  readonly #input: OperationInput;

  constructor(input: OperationInput, sandboxId: string, container: ContainerConfig) {
    this.#input = input;
    this.sandboxId = sandboxId;
    this.container = container;
  }

  /** Made for a runtime that asks for it: not every one has to be told again. */
  get sandbox(): SandboxConfig {
    const { agent, pod } = this.#input;
    const sandbox = agent.watch.view(pod.metadata.uid).sandboxes.find(({ id }) => id === this.sandboxId);
    return configFor(this.#input, sandbox?.attempt ?? 0);
  }
}

async function endAfterHook(input: OperationInput, container: Container, id: string): Promise<void> {
  const { agent, pod, signal } = input;
  const path = fieldPath(pod, container.name);
  agent.events.report(pod, { type: 'Warning', reason: 'FailedPostStartHook', message: 'PostStartHook failed' }, path);
  const message = `FailedPostStartHook`;
  agent.events.report(pod, { type: 'Normal', reason: 'Killing', message }, path);
  await agent.runtime.stopContainer(id, graceMsOf(pod), signal);
  await agent.watch.refreshContainer(id);
}

function failed({ agent, pod }: OperationInput, action: StartContainer, error: unknown): Remember {
  const reason = error instanceof ConfigError || error instanceof StartFailure ? error.reason : 'CreateContainerError';
  const message = error instanceof ConfigError || error instanceof StartFailure ? error.message : errorMessage(error);
  agent.events.report(
    pod,
    { type: 'Warning', reason: 'Failed', message: `Error: ${message}` },
    fieldPath(pod, action.container),
  );
  const now = agent.world.clock.now();
  return rememberContainer(action.container, ({ failure, crash }) => ({
    failure: failureAgain(failure, { reason, message, now }, RETRY),
    ...(action.crash === undefined ? (crash === undefined ? {} : { crash }) : { crash: action.crash }),
  }));
}

function event(
  { agent, pod }: OperationInput,
  container: Container,
  [reason, message]: readonly [string, string],
): void {
  agent.events.report(pod, { type: 'Normal', reason, message }, fieldPath(pod, container.name));
}
