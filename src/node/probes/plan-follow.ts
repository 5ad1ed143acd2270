/** Which probes of a container should be running now. */
import type { Container } from '#api/types/core-v1';
import type { ProbeKind } from './plan-probe.ts';

export type Followed = {
  readonly spec: Pick<Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>;
  readonly running: boolean;
  readonly started: boolean;
  /** Its pod is being deleted: a container that ends must not be restarted, but still leaves its services in time. */
  readonly terminating: boolean;
};

export function wantedProbes({ spec, running, started, terminating }: Followed): readonly ProbeKind[] {
  if (!running) return [];
  if (!started) return spec.startupProbe === undefined || terminating ? [] : ['startup'];
  const readiness: readonly ProbeKind[] = spec.readinessProbe === undefined ? [] : ['readiness'];
  return spec.livenessProbe === undefined || terminating ? readiness : [...readiness, 'liveness'];
}
