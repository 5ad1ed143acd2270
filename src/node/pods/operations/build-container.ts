/** Gathers what a container's configuration is made from: variables from objects, mounts, image. */
import type { Pod } from '#api/core/pod';
import type { Container } from '#api/types/core-v1';
import { andThen } from '#base/and-then';
import type { ContainerConfig, Mount } from '../../runtime/container.ts';
import { ConfigError } from '../config/config-error.ts';
import { containerConfig } from '../config/container-config.ts';
import { containerEnvironment, environmentSources, type ObjectLookup } from '../config/environment.ts';
import { expandReferences } from '../config/expand-references.ts';
import { podPaths, terminationFile, type NodeDirs } from '../config/pod-paths.ts';
import { qosOf } from '../config/pod-qos.ts';
import { serviceEnvironment } from '../config/service-environment.ts';
import type { StartContainer } from '../plan/pod-state.ts';
import { fieldPath, type OperationInput } from './operation.ts';

/** Throws `ConfigError`. */
export async function buildContainer(
  input: OperationInput,
  container: Container,
  { restartCount, imageId }: StartContainer,
): Promise<ContainerConfig> {
  const { agent, pod, signal } = input;
  const variables = await variablesOf(input, container);
  const image = await agent.runtime.imageStatus(imageId, signal);
  if (image === undefined)
    throw new ConfigError(`image ${JSON.stringify(container.image)} is gone`, 'CreateContainerError');
  const { dirs } = agent.node;
  return containerConfig({
    pod,
    container,
    restartCount,
    image,
    variables,
    mounts: agent.simulated ? NO_MOUNTS : await mountsOf(input, container, variables),
    terminationFile: agent.simulated ? undefined : terminationFile(podPaths(dirs, pod), container.name, restartCount),
    pidOf: targetOf(input, container.name),
    qos: qosOf(pod),
    nodeMemoryBytes: agent.node.memoryBytes,
    seccompDirectory: agent.node.seccompDir,
  });
}

/** The container that an ephemeral one wants to look into. */
function targetOf({ agent, pod }: OperationInput, name: string): string | undefined {
  const target = pod.spec.ephemeralContainers?.find((each) => each.name === name)?.targetContainerName ?? '';
  if (target === '') return undefined;
  const { containers } = agent.watch.view(pod.metadata.uid);
  const running = containers.find((each) => each.name === target && each.state === 'Running');
  if (running === undefined) throw new ConfigError(`unable to find target container ${JSON.stringify(target)}`);
  return running.id;
}

type Variables = ReadonlyMap<string, string>;

function variablesOf(input: OperationInput, container: Container): Variables | Promise<Variables> {
  const objects = lookUpObjects(input, container);
  return andThen(objects, (found) => variablesWith(found, input, container));
}

function variablesWith(objects: ObjectLookup, input: OperationInput, container: Container): Variables {
  const { agent, pod } = input;
  const { namespace = '' } = pod.metadata;
  const links = pod.spec.enableServiceLinks !== false;
  const { variables, skipped } = containerEnvironment({
    pod,
    container,
    objects,
    services: serviceEnvironment(agent.services(namespace), namespace, links),
    addresses: { podIps: podIps(input), hostIps: agent.node.hostIps },
    allocatable: agent.node.allocatable,
  });
  if (skipped.length > 0) {
    const message = `Keys [${skipped.join(', ')}] were skipped since they are considered invalid environment variable names.`;
    const reason = 'InvalidEnvironmentVariableNames';
    agent.events.report(pod, { type: 'Warning', reason, message }, fieldPath(pod, container.name));
  }
  return variables;
}

function podIps({ agent, pod }: OperationInput): readonly string[] {
  if (pod.spec.hostNetwork === true) return agent.node.hostIps;
  return agent.watch.view(pod.metadata.uid).sandboxes[0]?.ips ?? [];
}

const NO_MOUNTS: readonly Mount[] = [];
const NO_OBJECTS: ObjectLookup = { configMap: () => undefined, secret: () => undefined };

function lookUpObjects(input: OperationInput, container: Container): ObjectLookup | Promise<ObjectLookup> {
  return container.env === undefined && container.envFrom === undefined ? NO_OBJECTS : readObjects(input, container);
}

async function readObjects({ agent, pod, signal }: OperationInput, container: Container): Promise<ObjectLookup> {
  const objects = agent.objects.of(pod.metadata.uid, pod.metadata.namespace ?? '');
  const sources = environmentSources(container);
  const configMaps = await named(sources.configMaps, (name) => objects.configMap(name, signal));
  const secrets = await named(sources.secrets, (name) => objects.secret(name, signal));
  return { configMap: (name) => configMaps.get(name), secret: (name) => secrets.get(name) };
}

async function named<T>(
  names: readonly string[],
  read: (name: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T | undefined>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
}

async function mountsOf(
  { agent, pod }: OperationInput,
  container: Container,
  variables: Variables,
): Promise<readonly Mount[]> {
  const expand = (text: string): string => expandReferences(text, (name) => variables.get(name));
  const volumes = await agent.volumes.mounts(pod, container, expand);
  return [...volumes, ...hostsMount(agent.node.dirs, pod, volumes)];
}

function hostsMount(dirs: NodeDirs, pod: Pod, volumes: readonly Mount[]): readonly Mount[] {
  if (volumes.some(({ containerPath }) => containerPath === '/etc/hosts')) return [];
  return [{ containerPath: '/etc/hosts', hostPath: podPaths(dirs, pod).hosts, readonly: false, propagation: 'None' }];
}
