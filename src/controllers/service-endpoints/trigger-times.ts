/** Remembers when what led to a change of endpoints happened, so that its way through the cluster can be measured. */
import { podCondition } from '#api/core/pod-state';
import { formatTime, parseTime } from '#api/meta/time';
import type { Pod, Service } from '#api/types/core-v1';

export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

type Known = { readonly serviceMs: number | undefined; readonly pods: ReadonlyMap<string, number> };

export class TriggerTimes {
  readonly #known = new Map<string, Known>();

  /** The earliest cause that was not known the last time; undefined when nothing new happened. */
  observe(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#known.get(key) ?? UNKNOWN;
    const serviceMs = parseTime(service.metadata.creationTimestamp);
    const known = { serviceMs, pods: readyTimes(pods) };
    this.#known.set(key, known);
    const causes = [...known.pods]
      .filter(([uid, readyMs]) => readyMs > (before.pods.get(uid) ?? 0))
      .map(([, ms]) => ms);
    if (serviceMs !== undefined && serviceMs !== before.serviceMs) causes.push(serviceMs);
    return causes.length === 0 ? undefined : formatTime(Math.min(...causes));
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}

const UNKNOWN: Known = { serviceMs: undefined, pods: new Map() };

/** When each pod last became ready or stopped being so, by uid. */
function readyTimes(pods: readonly Pod[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const pod of pods) {
    const readyMs = parseTime(podCondition(pod, 'Ready')?.lastTransitionTime);
    if (readyMs !== undefined) times.set(pod.metadata.uid, readyMs);
  }
  return times;
}
