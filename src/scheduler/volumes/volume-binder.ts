/** Follows storage for the scheduler, and binds the claims of a pod before the pod itself. */
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import type { Pod } from '#api/core/pod';
import { BIND_COMPLETED, SELECTED_NODE } from '#api/core/volume/annotations';
import { keptFor } from '#api/core/volume/keep-for';
import { claimsOf } from '#api/core/volume/pod-claims';
import { refOf } from '#api/object';
import { CSINode } from '#api/storage/csi-node';
import { StorageClass } from '#api/storage/storage-class';
import type { Node } from '#api/types/core-v1';
import { deadlineScope, unlessAborted } from '#base/abort';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Informers } from '#client/informer';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import { type Plugin, type Refusal, refusalForGood } from '../framework/plugin.ts';
import {
  type NodeVolumes,
  planNodeVolumes,
  planPodVolumes,
  type PodVolumes,
  type StorageView,
} from './plan-volumes.ts';

export const VOLUME_BINDING = 'VolumeBinding';

/** What may help a pod that its claims keep from being placed. */
export const wakesForStorage = ({ kind }: ClusterEvent): boolean =>
  kind === 'NodeAdded' || kind === 'NodeChanged' || kind === 'PodRemoved' || kind === 'StorageChanged';

// Upstream's figure.
const BIND_TIMEOUT_MS = 600_000;

export type VolumeBinderOptions = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
  readonly signal: AbortSignal;
};

export class VolumeBinder {
  readonly #options: VolumeBinderOptions;
  /** Names of volumes that pods on their way to a node are getting. */
  readonly #promised = new Set<string>();

  constructor(options: VolumeBinderOptions) {
    this.#options = options;
  }

  /** Resolves when all that is known of storage is known here; `onChange` hears of what comes later. */
  async follow(onChange: () => void): Promise<Disposable> {
    const { informers } = this.#options;
    const [claims, volumes] = [informers.for(PersistentVolumeClaim), informers.for(PersistentVolume)];
    const [classes, csiNodes] = [informers.for(StorageClass), informers.for(CSINode)];
    await Promise.all([claims.synced, volumes.synced, classes.synced, csiNodes.synced]);
    const following = new DisposableStack();
    for (const informer of [claims, volumes, classes, csiNodes]) following.use(informer.subscribe(onChange));
    return following;
  }

  /** Undefined for pods without claims, which are most. */
  plan(pod: Pod): PodVolumes | undefined {
    return claimsOf(pod).length === 0 ? undefined : planPodVolumes(pod, this.#view());
  }

  filter(volumes: PodVolumes): Plugin {
    const refusals = new Map<string, Refusal>();
    return {
      name: VOLUME_BINDING,
      filter: (_pod, state) => ({
        verdict: (slot) => {
          const node = state.nodeAt(slot);
          const planned = node === undefined ? '' : this.#onNode(volumes, node);
          if (typeof planned !== 'string') return undefined;
          const refusal = refusals.get(planned) ?? refusalForGood(planned);
          refusals.set(planned, refusal);
          return refusal;
        },
      }),
    };
  }

  /** Resolves when every claim has its volume. */
  async bind(volumes: PodVolumes, node: Node): Promise<void> {
    if (volumes.open.length === 0) return;
    const planned = this.#onNode(volumes, node);
    if (typeof planned === 'string') throw new Error(`binding volumes: ${planned}`);
    const names = planned.bind.map(({ volume }) => volume.metadata.name);
    for (const name of names) this.#promised.add(name);
    try {
      await this.#write(planned, node);
      await this.#untilBound(volumes.open);
    } finally {
      for (const name of names) this.#promised.delete(name);
    }
  }

  #onNode(volumes: PodVolumes, node: Node): NodeVolumes | string {
    const view = this.#view();
    const free = view.volumes().filter(({ metadata }) => !this.#promised.has(metadata.name));
    return planNodeVolumes(volumes, { node, free, view });
  }

  #view(): StorageView {
    const { informers } = this.#options;
    return {
      claim: (namespace, name) => informers.for(PersistentVolumeClaim).get({ namespace, name }),
      volumes: () => informers.for(PersistentVolume).list(),
      storageClass: (name) => informers.for(StorageClass).get({ name }),
    };
  }

  async #write({ bind, provision }: NodeVolumes, { metadata: { name } }: Node): Promise<void> {
    const { client } = this.#options;
    for (const { claim, volume } of bind) {
      const kept = keptFor(volume, claim);
      if (kept !== volume) await client.update(PersistentVolume, kept);
    }
    for (const claim of provision) {
      const { metadata } = claim;
      if (metadata.annotations?.[SELECTED_NODE] === name) continue;
      const annotations = { ...metadata.annotations, [SELECTED_NODE]: name };
      await client.update(PersistentVolumeClaim, { ...claim, metadata: { ...metadata, annotations } });
    }
  }

  /** Claims are bound, and volumes made for them, by others. */
  async #untilBound(claims: readonly PersistentVolumeClaim[]): Promise<void> {
    const { informers, world, signal } = this.#options;
    const informer = informers.for(PersistentVolumeClaim);
    using scope = deadlineScope(BIND_TIMEOUT_MS, world.clock, signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const isGivenBack = givenBack();
    const check = (): void => {
      const found = claims.map((claim) => informer.get(refOf(claim)));
      if (found.some((claim) => claim === undefined)) reject(new Error('binding volumes: a claim was deleted'));
      else if (isGivenBack(found)) reject(new Error('binding volumes: no volume can be made on the node'));
      else if (found.every((claim) => claim?.metadata.annotations?.[BIND_COMPLETED] !== undefined)) resolve();
    };
    using _subscription = informer.subscribe(check);
    check();
    await unlessAborted(promise, scope.signal);
  }
}

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
