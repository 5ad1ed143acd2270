/** Of most pods that run the same is remembered: they share it, for they are many. */
import { NO_MEMORY, type PodMemory } from './plan/pod-state.ts';

let latest: PodMemory = NO_MEMORY;

/** Call it when nothing of the pod is under way. */
export function atRest(memory: PodMemory): PodMemory {
  if (memory.containers.size > 0) return memory;
  if (!saysTheSame(memory, latest)) latest = memory;
  return latest;
}

function saysTheSame(left: PodMemory, right: PodMemory): boolean {
  for (const key of MEMORY_KEYS) if (left[key] !== right[key]) return false;
  return true;
}

const MEMORY_KEYS = Object.keys({
  ...NO_MEMORY,
  volumesFailure: undefined,
  sandboxFailure: undefined,
  deleteAgainAtMs: undefined,
  allocated: undefined,
  resizePending: undefined,
  resizeProgress: undefined,
  ended: undefined,
} satisfies { [K in keyof Required<PodMemory>]: unknown }) as readonly (keyof PodMemory)[];
