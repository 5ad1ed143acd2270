/** Which devices are in use, kept up to date claim by claim. */
import type { AllocationResult } from '#api/types/resource-v1';
import { deviceId } from './pools.ts';

export class DeviceLedger {
  readonly #byClaim = new Map<string, readonly string[]>();
  /** How many claims have each device: while an allocation moves from one to another it is two. */
  readonly #uses = new Map<string, number>();

  has(id: string): boolean {
    return this.#uses.has(id);
  }

  /** What the claim with this uid has from now on. */
  set(uid: string, allocation: AllocationResult | undefined): void {
    for (const id of this.#byClaim.get(uid) ?? []) this.#count(id, -1);
    const ids = allocation === undefined ? [] : devicesIn(allocation);
    if (ids.length === 0) this.#byClaim.delete(uid);
    else this.#byClaim.set(uid, ids);
    for (const id of ids) this.#count(id, 1);
  }

  #count(id: string, by: number): void {
    const uses = (this.#uses.get(id) ?? 0) + by;
    if (uses === 0) this.#uses.delete(id);
    else this.#uses.set(id, uses);
  }
}

/** Access for administration uses nothing up. */
function devicesIn({ devices }: AllocationResult): readonly string[] {
  return (devices?.results ?? []).filter(({ adminAccess }) => adminAccess !== true).map(deviceId);
}
