/** The port to whatever probes containers: what the workers tell it and what they read from it. */
import type { Pod } from '#api/core/pod';
import type { ContainerFacts } from './plan/container-facts.ts';
import type { Verdicts } from './plan/pod-state.ts';

export type PodProbes = {
  /** By container id. */
  readonly verdicts: Pick<ReadonlyMap<string, Verdicts>, 'get'>;
  /** Takes over what the pod's status says of containers that were running before this agent was. */
  adopt(pod: Pod): void;
  /** Probes what runs and should be probed now; lets go of the rest. */
  follow(pod: Pod, containers: () => readonly ContainerFacts[]): void;
  stopPod(podUid: string): void;
};
