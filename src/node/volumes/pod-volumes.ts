/** Makes a pod's volumes on this node, keeps them true to the objects they show, and takes them away. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unitValue } from '#api/meta/quantity-arithmetic';
import type { Pod } from '#api/core/pod';
import { claimNameOf } from '#api/core/volume/pod-claims';
import type { Container, EmptyDirVolumeSource, Volume, VolumeMount } from '#api/types/core-v1';
import { errorMessage } from '#base/errors';
import type { ClaimedVolumes, PodIdentity, ReferencedObjects, Volumes } from '../pods/agent-context.ts';
import { ConfigError } from '../pods/config/config-error.ts';
import type { PodAddresses } from '../pods/config/field-value.ts';
import { podPaths, podRoot, type NodeDirs } from '../pods/config/pod-paths.ts';
import type { ResourceList } from '../pods/config/resource-value.ts';
import { present } from '../pods/plan/present.ts';
import { VolumeError } from '../pods/volume-error.ts';
import type { Mount } from '../runtime/container.ts';
import { writeAtomically } from './atomic-directory.ts';
import type { TokenSource } from './pod-tokens.ts';
import { checkHostPath } from './host-path.ts';
import { mountMemory, unmountBelow } from './mounts.ts';
import { payloadOf, readsObjects } from './object-volume.ts';
import { resolveSubPath } from './sub-path.ts';
import { giveToGroup } from './volume-ownership.ts';

export type PodVolumesOptions = {
  readonly dirs: NodeDirs;
  /** Where secrets are kept; a memory file system where the node has one. */
  readonly secretsDir: string;
  readonly objects: ReferencedObjects;
  readonly claimed: ClaimedVolumes;
  readonly addressesOf: (pod: Pod) => PodAddresses;
  readonly allocatable: ResourceList;
  readonly newId: () => string;
  readonly tokens: TokenSource;
};

const EMPTY_DIR_MODE = 0o777;

export function podVolumes(options: PodVolumesOptions): Volumes {
  return {
    async setUp(pod, signal) {
      await mkdir(podPaths(options.dirs, pod).volumes, { recursive: true });
      for (const volume of pod.spec.volumes ?? []) {
        await setUp(volume, { pod, options, signal }).catch((error: unknown) => {
          signal.throwIfAborted();
          throw new VolumeError(volume.name, errorMessage(error), { cause: error });
        });
      }
    },
    async tearDown(pod) {
      options.tokens.release(pod.metadata.uid);
      options.claimed.release(pod.metadata.uid);
      await unmountBelow(podRoot(options.dirs, pod));
      await rm(secretsOf(options, pod), { recursive: true, force: true });
    },
    mounts: (pod, container, expand) => mountsOf({ pod, container, expand, options }),
  };
}

type SetUp = { readonly pod: Pod; readonly options: PodVolumesOptions; readonly signal: AbortSignal };

async function setUp(volume: Volume, context: SetUp): Promise<void> {
  const { pod, options } = context;
  if (volume.hostPath !== undefined) return await checkHostPath(volume.hostPath);
  const claim = claimNameOf(volume, pod);
  if (claim !== undefined) return await options.claimed.setUp(pod, claim, context.signal);
  const path = pathOf(volume, pod, options);
  if (volume.emptyDir !== undefined) return await makeEmptyDir(path, volume.emptyDir, pod);
  if (!readsObjects(volume)) {
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    throw new Error(`volumes of type ${kind} are not supported by this node`);
  }
  const payload = await payloadOf(volume, {
    pod,
    objects: options.objects.of(pod.metadata.uid, pod.metadata.namespace ?? ''),
    addresses: options.addressesOf(pod),
    allocatable: options.allocatable,
    signal: context.signal,
    tokens: options.tokens,
  });
  const group = pod.spec.securityContext?.fsGroup;
  await writeAtomically(path, payload, { generation: options.newId(), ...present({ group }) });
}

async function makeEmptyDir(path: string, { medium, sizeLimit }: EmptyDirVolumeSource, { spec }: Pod): Promise<void> {
  await mkdir(path, { recursive: true });
  if (medium === 'Memory') await mountMemory(path, sizeLimit === undefined ? undefined : unitValue(sizeLimit));
  await chmod(path, EMPTY_DIR_MODE);
  const { fsGroup, fsGroupChangePolicy } = spec.securityContext ?? {};
  if (fsGroup !== undefined) await giveToGroup(path, fsGroup, fsGroupChangePolicy);
}

/** Where a volume is on the node. */
function pathOf(volume: Volume, pod: Pod, options: PodVolumesOptions): string {
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  return holdsSecrets(volume)
    ? join(secretsOf(options, pod), volume.name)
    : join(podPaths(options.dirs, pod).volumes, volume.name);
}

function holdsSecrets({ secret, projected }: Volume): boolean {
  const sources = projected?.sources ?? [];
  return (
    secret !== undefined ||
    sources.some((source) => source.secret !== undefined || source.serviceAccountToken !== undefined)
  );
}

function secretsOf({ secretsDir }: PodVolumesOptions, { metadata }: PodIdentity): string {
  return join(secretsDir, metadata.uid);
}

type Mounting = {
  readonly pod: Pod;
  readonly container: Container;
  readonly expand: (text: string) => string;
  readonly options: PodVolumesOptions;
};

async function mountsOf(mounting: Mounting): Promise<readonly Mount[]> {
  const mounts: Mount[] = [];
  for (const mount of mounting.container.volumeMounts ?? []) mounts.push(await mountOf(mount, mounting));
  return mounts;
}

async function mountOf(mount: VolumeMount, { pod, container, expand, options }: Mounting): Promise<Mount> {
  const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
  if (volume === undefined) throw new ConfigError(`volume ${JSON.stringify(mount.name)} is not defined in the pod`);
  const claim = claimNameOf(volume, pod);
  const path = claim === undefined ? pathOf(volume, pod, options) : await options.claimed.pathOf(pod, claim);
  const subPath = mount.subPathExpr === undefined ? (mount.subPath ?? '') : expandedPath(mount.subPathExpr, expand);
  requireBelow(subPath);
  return {
    containerPath: mount.mountPath,
    hostPath: subPath === '' ? path : await part(path, subPath, { mount, container }),
    readonly: mount.readOnly === true || isReadOnly(volume),
    propagation: (mount.mountPropagation ?? 'None') as Mount['propagation'],
  };
}

/** Upstream knows no path with a hole in it. */
function expandedPath(expression: string, expand: (text: string) => string): string {
  for (const [reference, name] of expression.matchAll(/(?<!\$)\$\(([^)]+)\)/g)) {
    if (expand(reference) === reference) throw new ConfigError(`missing value for ${JSON.stringify(name)}`);
  }
  return expand(expression);
}

/** What variables make of a path is known only now. */
function requireBelow(subPath: string): void {
  if (subPath.startsWith('/')) throw new ConfigError(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (subPath.split('/').includes('..')) {
    throw new ConfigError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  }
}

const isReadOnly = (volume: Volume): boolean => volume.persistentVolumeClaim?.readOnly === true || readsObjects(volume);

async function part(
  path: string,
  subPath: string,
  { mount, container }: { readonly mount: VolumeMount; readonly container: Container },
): Promise<string> {
  try {
    return await resolveSubPath(path, subPath);
  } catch (error) {
    const about = `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`;
    throw new ConfigError(`${about}: ${errorMessage(error)}`, 'CreateContainerConfigError', { cause: error });
  }
}
