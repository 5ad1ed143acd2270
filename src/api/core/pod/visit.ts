/** Walks all containers of a pod, of whatever sort, with the path of each. */
import type { Container, PodSpec } from '../../types/core-v1.ts';

export type PlacedContainer = { readonly container: Container; readonly field: string };

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const satisfies readonly (keyof PodSpec)[];

export function* containersOf(spec: PodSpec, field: string): Generator<PlacedContainer> {
  for (const list of LISTS)
    for (const [index, container] of (spec[list] ?? []).entries())
      yield { container, field: `${field}.${list}[${index}]` };
}

/** An init container that keeps running beside the others: a sidecar. */
export const isSidecar = (container: Container | undefined): boolean => container?.restartPolicy === 'Always';
