/** What the runtime is told to make a container from. */
import type { Pod } from '#api/core/pod';
import type { QosClass } from '#api/core/qos';
import type { Container } from '#api/types/core-v1';
import type { ContainerConfig, Mount } from '../../runtime/container.ts';
import type { ImageInfo } from '../../runtime/runtime.ts';
import { containerHash } from '../plan/container-hash.ts';
import { present } from '../plan/present.ts';
import { containerResources } from './cgroup-resources.ts';
import { expandReferences } from './expand-references.ts';
import { logFile } from './pod-paths.ts';
import {
  CONTAINER_HASH,
  containerLabels,
  POD_GRACE_PERIOD,
  RESTART_COUNT,
  TERMINATION_MESSAGE_FILE,
  TERMINATION_MESSAGE_PATH,
  TERMINATION_MESSAGE_POLICY,
} from './runtime-labels.ts';
import { containerSecurity } from './security.ts';

export type ContainerInput = {
  readonly pod: Pod;
  readonly container: Container;
  readonly restartCount: number;
  readonly image: Pick<ImageInfo, 'id' | 'uid' | 'username'>;
  readonly variables: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  /** The host's side of the termination message; absent where nothing is written to files. */
  readonly terminationFile?: string | undefined;
  readonly qos: QosClass;
  readonly nodeMemoryBytes: number;
  readonly seccompDirectory: string;
  /** The container whose processes this one shall see. */
  readonly pidOf?: string | undefined;
};

const DEFAULT_TERMINATION_PATH = '/dev/termination-log';

/** Throws `ConfigError` for a container that may not run as who it would. */
export function containerConfig(input: ContainerInput): ContainerConfig {
  const { pod, container, restartCount, image, variables, pidOf } = input;
  const stopSignal = container.lifecycle?.stopSignal;
  const config: ContainerConfig = {
    metadata: { name: container.name, attempt: restartCount },
    image: image.id,
    userImage: container.image ?? '',
    command: expanded(container.command, variables),
    args: expanded(container.args, variables),
    workingDir: container.workingDir ?? '',
    envs: listOf(variables),
    mounts: input.terminationFile === undefined ? input.mounts : [...input.mounts, terminationMount(input)],
    devices: NO_DEVICES,
    labels: containerLabels(pod, container.name),
    annotations: annotationsOf(input),
    logPath: logFile(container.name, restartCount),
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    resources: containerResources(container.resources, input.qos, input.nodeMemoryBytes),
    security: containerSecurity({ pod, container, image, seccompDirectory: input.seccompDirectory, pidOf }),
  };
  return stopSignal === undefined ? config : { ...config, stopSignal };
}

const NO_DEVICES: ContainerConfig['devices'] = [];
const NO_WORDS: readonly string[] = [];

function expanded(words: readonly string[] | undefined, variables: ReadonlyMap<string, string>): readonly string[] {
  return words?.map((text) => expandReferences(text, (name) => variables.get(name))) ?? NO_WORDS;
}

type Envs = ContainerConfig['envs'];

// Most containers are told the same as the one before them.
let latest: { readonly variables: ReadonlyMap<string, string>; readonly envs: Envs } | undefined;

function listOf(variables: ReadonlyMap<string, string>): Envs {
  if (latest?.variables !== variables)
    latest = { variables, envs: [...variables].map(([name, value]) => ({ name, value })) };
  return latest.envs;
}

type Annotations = Readonly<Record<string, string>>;

// Pods of one template have their containers in common; only where nothing is written to files have these the same annotations.
const first = new WeakMap<
  Container,
  { readonly graceSeconds: number | undefined; readonly annotations: Annotations }
>();

function annotationsOf(input: ContainerInput): Annotations {
  const { pod, container, restartCount, terminationFile } = input;
  if (restartCount > 0 || terminationFile !== undefined) return ownAnnotations(input);
  const graceSeconds = pod.spec.terminationGracePeriodSeconds;
  const known = first.get(container);
  if (known !== undefined && known.graceSeconds === graceSeconds) return known.annotations;
  const annotations = ownAnnotations(input);
  first.set(container, { graceSeconds, annotations });
  return annotations;
}

function ownAnnotations(input: ContainerInput): Annotations {
  const { pod, container, restartCount, terminationFile } = input;
  return {
    [CONTAINER_HASH]: containerHash(container),
    [RESTART_COUNT]: String(restartCount),
    [TERMINATION_MESSAGE_PATH]: container.terminationMessagePath ?? DEFAULT_TERMINATION_PATH,
    [TERMINATION_MESSAGE_POLICY]: container.terminationMessagePolicy ?? 'File',
    [POD_GRACE_PERIOD]: String(pod.spec.terminationGracePeriodSeconds ?? ''),
    ...present({ [TERMINATION_MESSAGE_FILE]: terminationFile }),
  };
}

function terminationMount({ container, terminationFile = '' }: ContainerInput): Mount {
  const containerPath = container.terminationMessagePath ?? DEFAULT_TERMINATION_PATH;
  return { containerPath, hostPath: terminationFile, readonly: false, propagation: 'None' };
}
