/** Takes away the volumes that were made on this node when their claims are gone: the directory first, then the object. */
import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PROVISIONED_BY } from '#api/core/volume/annotations';
import { HOSTNAME_LABEL, LOCAL_PROVISIONER } from '#api/core/volume/local-volumes';
import { isApiError } from '#api/errors';
import { unlessAborted } from '#base/abort';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Change, Informers } from '#client/informer';

export type LocalVolumesOptions = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly nodeName: string;
  /** Where this node keeps volumes. */
  readonly directory: string;
  /** `simulated`: there are no directories. */
  readonly storage: 'real' | 'simulated';
};

// A directory that cannot be removed is mostly one that something still has open.
const RETRY_MS = 30_000;

/** Runs until the signal aborts. */
export async function runLocalVolumes(options: LocalVolumesOptions): Promise<void> {
  const { informers, signal } = options;
  const removing = new Map<string, Promise<void>>();
  const volumes = informers.for(PersistentVolume);
  await unlessAborted(volumes.synced, signal);
  using _subscription = volumes.subscribe((change) => {
    const path = pathToRemove(change, options);
    const { uid = '' } = (change.before ?? change.after)?.metadata ?? {};
    if (path === undefined || removing.has(uid)) return;
    const work = remove(change, path, options).finally(() => removing.delete(uid));
    removing.set(uid, work);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  await Promise.all(removing.values());
}

/** The directory of a volume that nobody has a claim to any more, and that is to go then. */
export function pathToRemove(
  { before, after }: Change<PersistentVolume>,
  { nodeName, directory }: Pick<LocalVolumesOptions, 'nodeName' | 'directory'>,
): string | undefined {
  const volume = after ?? before;
  if (volume === undefined || !isOurs(volume, nodeName) || volume.status?.phase !== 'Released') return undefined;
  const path = volume.spec.hostPath?.path ?? '';
  // Whatever the object says, nothing but a volume's own directory is removed.
  return dirname(path) === directory && basename(path) === volume.metadata.name ? path : undefined;
}

function isOurs({ metadata, spec }: PersistentVolume, nodeName: string): boolean {
  const places = (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term) => term.matchExpressions ?? []);
  return (
    metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER &&
    spec.persistentVolumeReclaimPolicy === 'Delete' &&
    places.some(({ key, values = [] }) => key === HOSTNAME_LABEL && values.includes(nodeName))
  );
}

async function remove({ after }: Change<PersistentVolume>, path: string, options: LocalVolumesOptions): Promise<void> {
  const { client, world, logger, signal, storage } = options;
  while (!signal.aborted) {
    try {
      if (storage === 'real') await rm(path, { recursive: true, force: true });
      if (after !== undefined) await client.delete(PersistentVolume, { name: after.metadata.name }, { signal });
      return;
    } catch (error) {
      if (signal.aborted || isApiError(error, 'NotFound')) return;
      logger.warn('cannot remove a volume', { path, error: asError(error) });
      await world.clock.sleep(RETRY_MS, signal).catch(() => undefined); // the loop sees that it is over
    }
  }
}
