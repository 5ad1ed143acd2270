/** Follows storage for the scheduler, and sees to it that the claims of a pod are bound before the pod itself. */
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import type { Pod } from '#api/core/pod';
import { BIND_COMPLETED, SELECTED_NODE } from '#api/core/volume/annotations';
import { keptFor } from '#api/core/volume/keep-for';
import { claimsOf } from '#api/core/volume/pod-claims';
import { conflictError, isApiError } from '#api/errors';
import { refOf } from '#api/object';
import { CSIDriver } from '#api/storage/csi-driver';
import { CSINode } from '#api/storage/csi-node';
import { CSIStorageCapacity } from '#api/storage/csi-storage-capacity';
import { StorageClass } from '#api/storage/storage-class';
import type { Node } from '#api/types/core-v1';
import { deadlineScope, unlessAborted } from '#base/abort';
import { errorMessage } from '#base/errors';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Change, Informers } from '#client/informer';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import { type Plugin, type Refusal, refusalForGood } from '../framework/plugin.ts';
import { volumeBinding } from '../plugins/claims.ts';
import { freeStorage, limitOf } from './free-storage.ts';
import {
  type NodeVolumes,
  type OnNode,
  planNodeVolumes,
  planPodVolumes,
  type PodVolumes,
  type StorageView,
} from './plan-volumes.ts';
import { VolumesUnderWay } from './volumes-under-way.ts';

export type VolumeBinderOptions = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
};

/** What the claims of one pod get on its node. */
export type VolumeReservation = {
  readonly pod: Pod;
  readonly settled: readonly PersistentVolumeClaim[];
  readonly open: readonly PersistentVolumeClaim[];
  readonly planned: NodeVolumes;
  readonly node: Node;
};

/** How long claims may take to be bound, and whose end ends the waiting. */
export type BindingTime = { readonly timeoutMs: number; readonly signal: AbortSignal };

export class VolumeBinder {
  readonly #options: VolumeBinderOptions;
  readonly #underWay = new VolumesUnderWay();

  constructor(options: VolumeBinderOptions) {
    this.#options = options;
  }

  /** Resolves when all that is known of storage is known here; `onEvent` hears of what comes later. */
  async follow(onEvent: (event: ClusterEvent) => void): Promise<Disposable> {
    const { informers } = this.#options;
    const [claims, volumes] = [informers.for(PersistentVolumeClaim), informers.for(PersistentVolume)];
    const [classes, csiNodes] = [informers.for(StorageClass), informers.for(CSINode)];
    const [drivers, capacities] = [informers.for(CSIDriver), informers.for(CSIStorageCapacity)];
    const all = [claims, volumes, classes, csiNodes, drivers, capacities];
    await Promise.all(all.map(({ synced }) => synced));
    const following = new DisposableStack();
    const onChange = (): void => onEvent({ kind: 'StorageChanged' });
    for (const informer of [claims, volumes, classes, csiNodes]) following.use(informer.subscribe(onChange));
    const onMore = (isMore: boolean): void => {
      if (isMore) onEvent({ kind: 'StorageFreed' });
    };
    following.use(drivers.subscribe((change) => onMore(countsNoMore(change))));
    following.use(capacities.subscribe((change) => onMore(holdsMore(change))));
    return following;
  }

  /** Undefined for pods without claims, which are most. */
  plan(pod: Pod): PodVolumes | undefined {
    return claimsOf(pod).length === 0 ? undefined : planPodVolumes(pod, this.#view());
  }

  /** `more`: volumes that are not there, as if they were. */
  filter(volumes: PodVolumes, more: readonly PersistentVolume[] = []): Plugin {
    const refusals = new Map<string, Refusal>();
    return {
      ...volumeBinding,
      supposing: (others) => this.filter(volumes, [...more, ...others]),
      filter: (_pod, state) => {
        const { free, ...rest } = this.#storage();
        const storage = { free: [...free, ...more], ...rest };
        return {
          verdict: (slot) => {
            const node = state.nodeAt(slot);
            const planned = node === undefined ? [] : planNodeVolumes(volumes, { ...storage, node });
            if (!isRefused(planned)) return undefined;
            const key = planned.join();
            const refusal = refusals.get(key) ?? refusalForGood(...planned);
            refusals.set(key, refusal);
            return refusal;
          },
        };
      },
    };
  }

  /** From now on nobody else gets these volumes. */
  reserve(pod: Pod, volumes: PodVolumes, node: Node): VolumeReservation {
    const { settled, open } = volumes;
    const planned = planNodeVolumes(volumes, { ...this.#storage(), node });
    if (isRefused(planned)) throw new Error(planned.join(', '));
    this.#underWay.add(pod.metadata.uid, planned, node.metadata.name);
    return { pod, settled, open, planned, node };
  }

  /** Resolves when every claim has its volume. */
  async bind(reservation: VolumeReservation, time: BindingTime): Promise<void> {
    try {
      await this.#confirm(reservation.settled);
      await this.#write(reservation);
      await this.#untilBound(reservation.open, time);
    } catch (error) {
      if (isTimeout(error)) throw new Error(`binding volumes: ${DEADLINE}`);
      throw new Error(`binding volumes: ${errorMessage(error)}`, { cause: error });
    } finally {
      this.release(reservation);
    }
  }

  /** The pod goes elsewhere, or its claims have their volumes. */
  release({ pod, open }: VolumeReservation): void {
    this.#underWay.delete(pod.metadata.uid, open);
  }

  #storage(): Omit<OnNode, 'node'> {
    const view = this.#underWay.over(this.#view());
    return { free: view.volumes(), view, hasRoom: freeStorage(view) };
  }

  #view(): StorageView {
    const { informers } = this.#options;
    return {
      claim: (namespace, name) => informers.for(PersistentVolumeClaim).get({ namespace, name }),
      volumes: () => informers.for(PersistentVolume).list(),
      storageClass: (name) => informers.for(StorageClass).get({ name }),
      csiDriver: (name) => informers.for(CSIDriver).get({ name }),
      capacities: () => informers.for(CSIStorageCapacity).list(),
    };
  }

  /** A claim that is not bound any more, or another of its name, would wait in vain for a pod that is placed already. */
  async #confirm(settled: readonly PersistentVolumeClaim[]): Promise<void> {
    const { client } = this.#options;
    for (const claim of settled) {
      const { metadata } = await client.get(PersistentVolumeClaim, refOf(claim));
      if (metadata.uid !== claim.metadata.uid) throw conflictError(CLAIMS, metadata.name, 'it was made anew meanwhile');
    }
  }

  async #write({ planned: { bind, provision }, node }: VolumeReservation): Promise<void> {
    for (const { claim, volume } of bind) await this.#keep(volume, claim);
    for (const claim of provision) await this.#tell(claim, node.metadata.name);
  }

  async #keep({ metadata: { name } }: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const { client, informers } = this.#options;
    const volume = informers.for(PersistentVolume).get({ name });
    if (volume === undefined) throw new Error(`persistentvolume "${name}" not found`);
    const kept = keptFor(volume, claim);
    if (kept === volume) return;
    try {
      await client.update(PersistentVolume, kept);
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error;
      // Another pod of the claim may have done it.
      const current = await client.get(PersistentVolume, { name });
      if (current.spec.claimRef?.uid !== claim.metadata.uid) throw error;
    }
  }

  async #tell(claim: PersistentVolumeClaim, node: string): Promise<void> {
    const { client, informers } = this.#options;
    const known = informers.for(PersistentVolumeClaim).get(refOf(claim)) ?? claim;
    if (selectedNode(known) === node) return;
    const annotations = { ...known.metadata.annotations, [SELECTED_NODE]: node };
    try {
      await client.update(PersistentVolumeClaim, { ...known, metadata: { ...known.metadata, annotations } });
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error;
      if (selectedNode(await client.get(PersistentVolumeClaim, refOf(claim))) !== node) throw error;
    }
  }

  /** Claims are bound, and volumes made for them, by others. */
  async #untilBound(claims: readonly PersistentVolumeClaim[], { timeoutMs, signal }: BindingTime): Promise<void> {
    const { informers, world } = this.#options;
    const informer = informers.for(PersistentVolumeClaim);
    using scope = deadlineScope(timeoutMs, world.clock, signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const isGivenBack = givenBack();
    const check = (): void => {
      const found = claims.map((claim) => informer.get(refOf(claim)));
      if (found.some((claim) => claim === undefined)) reject(new Error('a claim was deleted'));
      else if (isGivenBack(found)) reject(new Error('no volume can be made on the node'));
      else if (found.every((claim) => claim?.metadata.annotations?.[BIND_COMPLETED] !== undefined)) resolve();
    };
    using _subscription = informer.subscribe(check);
    check();
    await unlessAborted(promise, scope.signal);
  }
}

const isRefused = (planned: NodeVolumes | readonly string[]): planned is readonly string[] => Array.isArray(planned);

/** Drivers tell again and again how much they have left: only more of it can help a pod. */
const holdsMore = ({ before, after }: Change<CSIStorageCapacity>): boolean =>
  after !== undefined && (before === undefined || limitOf(after) > limitOf(before));

const countsNoMore = ({ before, after }: Change<CSIDriver>): boolean =>
  before?.spec.storageCapacity === true && after?.spec.storageCapacity !== true;

const CLAIMS = { group: '', plural: PersistentVolumeClaim.plural };

// As Go words it.
const DEADLINE = 'context deadline exceeded';

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

const selectedNode = ({ metadata }: PersistentVolumeClaim): string | undefined => metadata.annotations?.[SELECTED_NODE];

/** Whether a claim that was told its node is not any more: whoever makes its volume cannot make it there. */
function givenBack(): (claims: readonly (PersistentVolumeClaim | undefined)[]) => boolean {
  const told = new Set<string>();
  return (claims) => {
    let isGivenBack = false;
    for (const claim of claims) {
      const { uid = '', annotations } = claim?.metadata ?? {};
      if (annotations?.[SELECTED_NODE] !== undefined) told.add(uid);
      else isGivenBack ||= told.has(uid);
    }
    return isGivenBack;
  };
}
