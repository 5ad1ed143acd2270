/** Makes a pod's sandbox and, once its address is known, its hosts file. */
import { mkdir, writeFile } from 'node:fs/promises';
import { RuntimeClass } from '#api/node/runtime-class';
import { errorMessage } from '#base/errors';
import { isRuntimeError } from '../../runtime/runtime-error.ts';
import { hostsFile } from '../config/hosts-file.ts';
import { podPaths } from '../config/pod-paths.ts';
import { qosOf } from '../config/pod-qos.ts';
import { sandboxConfig } from '../config/sandbox-config.ts';
import type { SandboxConfig } from '../../runtime/sandbox.ts';
import { failureAgain, type OperationInput, type Remember } from './operation.ts';

const RETRY = { firstMs: 1_000, longestMs: 60_000 };

export type SandboxRequest = { readonly attempt: number; readonly replaces: boolean };

export async function startSandbox(input: OperationInput, { attempt, replaces }: SandboxRequest): Promise<Remember> {
  const { agent, pod, signal } = input;
  if (replaces) {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    agent.events.report(pod, { type: 'Normal', reason: 'SandboxChanged', message });
  }
  try {
    const usual = configFor(input, attempt);
    const { runtimeClassName } = pod.spec;
    const config = runtimeClassName ? { ...usual, ...(await handlerOf(input, runtimeClassName)) } : usual;
    using _place = await agent.starts.enter(signal);
    await make(input, config);
    return ({ sandboxFailure: _healed, ...memory }) => ({ ...memory, nextSandboxAttempt: attempt + 1 });
  } catch (error) {
    signal.throwIfAborted();
    return failed(input, attempt, error);
  }
}

export function configFor({ agent, pod }: Pick<OperationInput, 'agent' | 'pod'>, attempt: number): SandboxConfig {
  const { dirs, cgroupRoot, dns } = agent.node;
  return sandboxConfig({ pod, attempt, qos: qosOf(pod), paths: podPaths(dirs, pod), cgroupRoot, dns });
}

/** Which of the runtime's handlers the class of the pod means on every node. */
async function handlerOf(
  { agent, signal }: OperationInput,
  name: string,
): Promise<Pick<SandboxConfig, 'runtimeHandler'>> {
  try {
    const { handler } = await agent.client.get(RuntimeClass, { name }, { signal });
    return { runtimeHandler: handler };
  } catch (error) {
    const why = `failed to get RuntimeHandler for RuntimeClass ${JSON.stringify(name)}: ${errorMessage(error)}`;
    throw new Error(why, { cause: error });
  }
}

async function make({ agent, pod, signal }: OperationInput, config: SandboxConfig): Promise<void> {
  if (!agent.simulated) await mkdir(config.logDirectory, { recursive: true });
  const id = await agent.runtime.runPodSandbox(config, signal);
  await agent.watch.refreshSandbox(id);
  if (agent.simulated) return;
  const { dirs, dns, hostsFile: hostFile } = agent.node;
  const paths = podPaths(dirs, pod);
  const ips = agent.watch.view(pod.metadata.uid).sandboxes[0]?.ips ?? [];
  await mkdir(paths.root, { recursive: true });
  await writeFile(paths.hosts, hostsFile({ pod, ips, clusterDomain: dns.clusterDomain, hostFile }), { mode: 0o644 });
}

function failed({ agent, pod }: OperationInput, attempt: number, error: unknown): Remember {
  const message = `Failed to create pod sandbox: ${errorMessage(error)}`;
  agent.events.report(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message });
  const now = agent.world.clock.now();
  // The name may still be held by what is left of a try of which nobody knows.
  const taken = isRuntimeError(error, 'AlreadyExists');
  return (memory) => ({
    ...memory,
    nextSandboxAttempt: taken ? attempt + 1 : memory.nextSandboxAttempt,
    sandboxFailure: failureAgain(memory.sandboxFailure, { reason: 'FailedCreatePodSandBox', message, now }, RETRY),
  });
}
