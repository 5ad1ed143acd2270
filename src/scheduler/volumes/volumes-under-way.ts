/** Volumes that claims are about to get with pods on their way to a node: storage is seen as if they had them already. */
import type { PersistentVolume } from '#api/core/persistent-volume';
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { SELECTED_NODE } from '#api/core/volume/annotations';
import { keptFor } from '#api/core/volume/keep-for';
import type { NodeVolumes, StorageView } from './plan-volumes.ts';

type ClaimUnderWay = {
  readonly claim: PersistentVolumeClaim;
  /** Where its volume is to be made; undefined when it gets one that is there. */
  readonly node?: string;
  readonly volumeName?: string;
  /** The pods that it is on its way with. */
  readonly pods: Set<string>;
};

export class VolumesUnderWay {
  readonly #byClaim = new Map<string, ClaimUnderWay>();
  readonly #byVolume = new Map<string, ClaimUnderWay>();

  add(pod: string, { bind, provision }: NodeVolumes, node: string): void {
    for (const { claim, volume } of bind) this.#add(pod, { claim, volumeName: volume.metadata.name, pods: new Set() });
    for (const claim of provision) this.#add(pod, { claim, node, pods: new Set() });
  }

  #add(pod: string, made: ClaimUnderWay): void {
    const { uid } = made.claim.metadata;
    const known = this.#byClaim.get(uid) ?? made;
    known.pods.add(pod);
    this.#byClaim.set(uid, known);
    if (known.volumeName !== undefined) this.#byVolume.set(known.volumeName, known);
  }

  /** The pod has what it claims, or goes nowhere. */
  delete(pod: string, claims: readonly PersistentVolumeClaim[]): void {
    for (const { metadata } of claims) {
      const known = this.#byClaim.get(metadata.uid);
      if (known === undefined || !known.pods.delete(pod) || known.pods.size > 0) continue;
      this.#byClaim.delete(metadata.uid);
      if (known.volumeName !== undefined) this.#byVolume.delete(known.volumeName);
    }
  }

  /** What is known, as it is about to be. */
  over(view: StorageView): StorageView {
    if (this.#byClaim.size === 0) return view;
    return {
      ...view,
      claim: (namespace, name) => {
        const claim = view.claim(namespace, name);
        return claim && this.#told(claim);
      },
      volumes: () => view.volumes().map((volume) => this.#kept(volume)),
    };
  }

  #told(claim: PersistentVolumeClaim): PersistentVolumeClaim {
    const { metadata } = claim;
    const node = this.#byClaim.get(metadata.uid)?.node;
    if (node === undefined) return claim;
    return { ...claim, metadata: { ...metadata, annotations: { ...metadata.annotations, [SELECTED_NODE]: node } } };
  }

  #kept(volume: PersistentVolume): PersistentVolume {
    const claim = this.#byVolume.get(volume.metadata.name)?.claim;
    return claim === undefined ? volume : keptFor(volume, claim);
  }
}
