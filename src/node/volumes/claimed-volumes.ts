/** Where the volumes that pods have claims to are on this node. */
import { chmod, mkdir, stat } from 'node:fs/promises';
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import type { Pod } from '#api/core/pod';
import { PROVISIONED_BY } from '#api/core/volume/annotations';
import { LOCAL_PROVISIONER } from '#api/core/volume/local-volumes';
import { isUsableOn } from '#api/core/volume/matching';
import { errorMessage } from '#base/errors';
import type { Client } from '#client/client';
import type { ClaimedVolumes } from '../pods/agent-context.ts';
import { checkHostPath } from './host-path.ts';
import { giveToGroup } from './volume-ownership.ts';

type ClaimedVolumesOptions = {
  readonly client: Client;
  readonly nodeName: string;
  readonly signal: AbortSignal;
};

export function claimedVolumes({ client, nodeName, signal: always }: ClaimedVolumesOptions): ClaimedVolumes {
  const known = new Map<string, Map<string, string>>();
  const setUp = async (pod: Pod, claimName: string, signal: AbortSignal): Promise<string> => {
    const volume = await volumeOf(pod, claimName, { client, signal });
    const node = await client.get(Node, { name: nodeName }, { signal });
    if (!isUsableOn(volume, node)) throw new Error(elsewhere(volume));
    const path = placeOf(volume);
    await prepare(volume, path, pod);
    const paths = known.get(pod.metadata.uid) ?? new Map<string, string>();
    known.set(pod.metadata.uid, paths.set(claimName, path));
    return path;
  };
  return {
    setUp: async (pod, claimName, signal) => void (await setUp(pod, claimName, signal)),
    // An agent that was started anew finds the pods of the one before.
    pathOf: async (pod, claimName) =>
      known.get(pod.metadata.uid)?.get(claimName) ?? (await setUp(pod, claimName, always)),
    release: (podUid) => void known.delete(podUid),
  };
}

const elsewhere = ({ metadata: { name } }: PersistentVolume): string =>
  `MountVolume.NodeAffinity check failed for volume "${name}" : no matching NodeSelectorTerms`;

type Asking = { readonly client: Client; readonly signal: AbortSignal };

async function volumeOf(pod: Pod, claimName: string, { client, signal }: Asking): Promise<PersistentVolume> {
  const { namespace = '' } = pod.metadata;
  const about = `error processing PVC ${namespace}/${claimName}`;
  const failed = (what: string) => (error: unknown) => {
    signal.throwIfAborted();
    throw new Error(`${about}: failed to fetch ${what} from API server: ${errorMessage(error)}`, { cause: error });
  };
  const claim = await client
    .get(PersistentVolumeClaim, { namespace, name: claimName }, { signal })
    .catch(failed('PVC'));
  const { volumeName = '', volumeMode } = claim.spec;
  if (claim.status?.phase !== 'Bound' || volumeName === '') throw new Error(`${about}: PVC is not bound`);
  if (volumeMode === 'Block') throw new Error('volumes of mode Block are not supported by this node');
  const volume = await client.get(PersistentVolume, { name: volumeName }, { signal }).catch(failed('PV'));
  if (volume.spec.claimRef?.uid !== claim.metadata.uid)
    throw new Error(`${about}: failed to validate PV: PV "${volumeName}" is bound to another claim`);
  return volume;
}

function placeOf({ spec }: PersistentVolume): string {
  const path = spec.hostPath?.path ?? spec.local?.path;
  if (path !== undefined) return path;
  throw new Error('persistent volumes other than hostPath and local are not supported by this node');
}

// Whoever the containers run as may write: the directory belongs to one claim.
const OPEN_MODE = 0o777;

async function prepare({ metadata, spec }: PersistentVolume, path: string, pod: Pod): Promise<void> {
  const isOurs = metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER;
  if (isOurs) await makeOpen(path);
  else if (spec.hostPath !== undefined) await checkHostPath(spec.hostPath);
  else await stat(path);
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
  const isPrivate = isOurs || spec.local !== undefined;
  if (fsGroup !== undefined && isPrivate) await giveToGroup(path, fsGroup, fsGroupChangePolicy);
}

async function makeOpen(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await chmod(path, OPEN_MODE);
}
