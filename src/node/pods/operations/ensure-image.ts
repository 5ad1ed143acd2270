/** Makes a container's image present as its pull policy says, and remembers how long to wait when that fails. */
import type { Secret } from '#api/core/secret';
import type { Container } from '#api/types/core-v1';
import { errorMessage } from '#base/errors';
import { isRuntimeError } from '../../runtime/runtime-error.ts';
import type { ImageInfo } from '../../runtime/runtime.ts';
import { credentialsFor } from '../images/pull-credentials.ts';
import { imageNameProblem, withDefaultTag } from '../images/image-name.ts';
import type { ImageMemory } from '../plan/pod-state.ts';
import { present } from '../plan/present.ts';
import {
  failureAgain,
  fieldPath,
  findContainer,
  rememberContainer,
  type OperationInput,
  type Remember,
} from './operation.ts';

const PULL_RETRY = { firstMs: 10_000, longestMs: 300_000 };
// Of a mistake that waiting does not heal, but somebody may.
const MISTAKE_RETRY = { firstMs: 10_000, longestMs: 10_000 };

type Problem = { readonly reason: string; readonly message: string; readonly pulled: boolean };

export async function ensureImage(input: OperationInput, name: string): Promise<Remember> {
  const container = findContainer(input.pod, name);
  const image = await look(input, container);
  return rememberContainer(name, (memory) => ({ ...memory, image }));
}

async function look(input: OperationInput, container: Container): Promise<ImageMemory> {
  const { agent, signal } = input;
  const image = withDefaultTag(container.image ?? '');
  const quoted = JSON.stringify(container.image);
  const policy = container.imagePullPolicy ?? 'IfNotPresent';
  const problem = imageNameProblem(container.image ?? '');
  if (problem !== undefined) return invalidName(input, container, problem);
  let found: ImageInfo | undefined;
  try {
    found = await agent.runtime.imageStatus(image, signal);
  } catch (error) {
    return inspectFailure(input, container, error);
  }
  if (found !== undefined && policy !== 'Always') {
    report(input, container, ['Normal', 'Pulled', `Container image ${quoted} already present on machine`]);
    return { state: 'Present', imageId: found.id };
  }
  if (policy !== 'Never') {
    using _place = await agent.pulls.enter(signal);
    return await pull(input, container, image);
  }
  const message = `Container image ${quoted} is not present with pull policy of Never`;
  report(input, container, ['Warning', 'ErrImageNeverPull', message]);
  return failed(input, container, { reason: 'ErrImageNeverPull', message, pulled: false });
}

async function pull(input: OperationInput, container: Container, image: string): Promise<ImageMemory> {
  const { agent, signal } = input;
  const quoted = JSON.stringify(container.image);
  const startedMs = agent.world.clock.now();
  report(input, container, ['Normal', 'Pulling', `Pulling image ${quoted}`]);
  try {
    const imageId = await pullWithCredentials(input, image);
    const took = `${(agent.world.clock.now() - startedMs) / 1000}s`;
    const size = (await agent.runtime.imageStatus(imageId, signal))?.sizeBytes ?? 0;
    const text = `Successfully pulled image ${quoted} in ${took} (${took} including waiting). Image size: ${size} bytes.`;
    report(input, container, ['Normal', 'Pulled', text]);
    return { state: 'Present', imageId };
  } catch (error) {
    signal.throwIfAborted();
    const message = errorMessage(error);
    report(input, container, ['Warning', 'Failed', `Failed to pull image ${quoted}: ${message}`]);
    return failed(input, container, { reason: 'ErrImagePull', message, pulled: true });
  }
}

/** With each of the pod's credentials for the image's registry in turn, and without any at last. */
async function pullWithCredentials(input: OperationInput, image: string): Promise<string> {
  let denied: unknown;
  for (const auth of [...credentialsFor(image, await pullSecrets(input)), undefined]) {
    try {
      return await input.agent.runtime.pullImage({ image, ...present({ auth }) }, input.signal);
    } catch (error) {
      if (!isRuntimeError(error, 'ImagePullDenied', 'ImageNotFound')) throw error;
      denied ??= error;
    }
  }
  throw denied;
}

async function pullSecrets({ agent, pod, signal }: OperationInput): Promise<readonly Secret[]> {
  const names = (pod.spec.imagePullSecrets ?? []).map(({ name = '' }) => name);
  const objects = agent.objects.of(pod.metadata.uid, pod.metadata.namespace ?? '');
  const found = names.map((name) => objects.secret(name, signal));
  return (await Promise.all(found)).filter((secret) => secret !== undefined);
}

function inspectFailure(input: OperationInput, container: Container, error: unknown): ImageMemory {
  input.signal.throwIfAborted();
  const message = `Failed to inspect image ${JSON.stringify(container.image)}: ${errorMessage(error)}`;
  report(input, container, ['Warning', 'InspectFailed', message]);
  return failed(input, container, { reason: 'ImageInspectError', message, pulled: false });
}

function invalidName(input: OperationInput, container: Container, problem: string): ImageMemory {
  const quoted = JSON.stringify(container.image);
  const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: ${problem}`;
  report(input, container, ['Warning', 'InspectFailed', message]);
  return failed(input, container, { reason: 'InvalidImageName', message, pulled: false });
}

function failed({ agent, memory, pod }: OperationInput, container: Container, problem: Problem): ImageMemory {
  const now = agent.world.clock.now();
  const before = memory.containers.get(container.name)?.image;
  const { reason, message, pulled } = problem;
  agent.events.report(
    pod,
    { type: 'Warning', reason: 'Failed', message: `Error: ${reason}` },
    fieldPath(pod, container.name),
  );
  return {
    ...failureAgain(
      before?.state === 'Failed' ? before : undefined,
      { reason, message, now },
      pulled ? PULL_RETRY : MISTAKE_RETRY,
    ),
    state: 'Failed',
    failedAtMs: now,
    pulled,
  };
}

function report(
  { agent, pod }: OperationInput,
  container: Container,
  [type, reason, message]: readonly ['Normal' | 'Warning', string, string],
): void {
  agent.events.report(pod, { type, reason, message }, fieldPath(pod, container.name));
}
