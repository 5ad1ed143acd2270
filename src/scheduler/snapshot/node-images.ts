/** Which images each node has, and on how many nodes each image is. */
import type { Node } from '#api/core/node';

const NO_IMAGES: ReadonlyMap<string, number> = new Map();

export class NodeImages {
  /** Sizes in bytes by the image's name. */
  readonly #bySlot: (ReadonlyMap<string, number> | undefined)[] = [];
  readonly #nodesWith = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#nodesWith.size === 0;
  }

  set(slot: number, node: Node | undefined): void {
    const before = this.#bySlot[slot] ?? NO_IMAGES;
    const after = imagesOf(node);
    if (before.size === 0 && after.size === 0) return;
    for (const name of before.keys()) this.#count(name, -1);
    for (const name of after.keys()) this.#count(name, 1);
    this.#bySlot[slot] = after;
  }

  sizeAt(slot: number, image: string): number | undefined {
    return this.#bySlot[slot]?.get(image);
  }

  nodesWith(image: string): number {
    return this.#nodesWith.get(image) ?? 0;
  }

  #count(name: string, change: 1 | -1): void {
    const count = this.nodesWith(name) + change;
    if (count === 0) this.#nodesWith.delete(name);
    else this.#nodesWith.set(name, count);
  }
}

function imagesOf(node: Node | undefined): ReadonlyMap<string, number> {
  const images = node?.status?.images ?? [];
  if (images.length === 0) return NO_IMAGES;
  return new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map((name) => [name, sizeBytes] as const)));
}
