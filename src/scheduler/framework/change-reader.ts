/** Tells what has changed since the last time: slot by slot, or that so much has that everything starts anew. */
import type { ClusterState } from '../snapshot/cluster-state.ts';

// Looking at a slot costs the same in a repair and in a new start.
const REPAIRED_AT_MOST = 1 / 2;
const REPAIRED_AT_LEAST = 16;

/** What is kept by slot. */
type Kept = { rebuild(): void; repair(slot: number): void };

export class ChangeReader {
  readonly #state: ClusterState;
  #version = -1;
  #epoch = -1;

  constructor(state: ClusterState) {
    this.#state = state;
  }

  read(kept: Kept): void {
    const { changes, slotsEnd, epoch } = this.#state;
    const behind = changes.version - this.#version;
    const isFar = behind > Math.max(REPAIRED_AT_LEAST, slotsEnd * REPAIRED_AT_MOST) || !changes.reaches(this.#version);
    if (isFar || epoch !== this.#epoch) kept.rebuild();
    else this.#repairAll(kept);
    this.#version = changes.version;
    this.#epoch = epoch;
  }

  /** What is tried on a node and taken back changes its slot over and over: it is looked at once. */
  #repairAll(kept: Kept): void {
    const { changes } = this.#state;
    let last = -1;
    for (let version = this.#version; version < changes.version; version++) {
      const slot = changes.at(version);
      if (slot !== last) kept.repair(slot);
      last = slot;
    }
  }
}
