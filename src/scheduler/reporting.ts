/** Tells users what becomes of their pods: events, the PodScheduled condition, and the node that is being cleared. */
import { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { isApiError } from '#api/errors';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { refOf } from '#api/object';
import type { PodCondition, PodStatus } from '#api/types/core-v1';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import { createEventRecorder, type EventRecorder, type Report } from '#client/event-recorder';

export type ReporterOptions = {
  readonly client: Client;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

/** `nominatedNode`: absent when nothing changes about it, empty when it is none any more. */
export type Failure = {
  readonly message: string;
  readonly nominatedNode?: string;
  /** Unless it just fits nowhere. */
  readonly reason?: 'Unschedulable' | 'SchedulerError';
};

export class Reporter {
  readonly #options: ReporterOptions;
  /** Each speaks in the name of a scheduler. */
  readonly #recorders = new Map<string, EventRecorder>();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** `atMs`: when that was decided. */
  scheduled(pod: Pod, nodeName: string, atMs: number): void {
    const { namespace, name } = pod.metadata;
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    this.#event(pod, pod, { type: 'Normal', reason: 'Scheduled', message, atMs });
  }

  preempted(victim: Pod, preemptor: Pod, nodeName: string): void {
    const message = `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}`;
    this.#event(preemptor, victim, { type: 'Normal', reason: 'Preempted', message });
  }

  failed(pod: Pod, failure: Failure): void {
    this.#event(pod, pod, { type: 'Warning', reason: 'FailedScheduling', message: failure.message });
    void this.#written(pod, () => this.#writeFailure(pod, failure));
  }

  /** The pod is no longer promised a node. */
  unnominated(pod: Pod): void {
    void this.#written(pod, () => this.#patchStatus(pod, { nominatedNodeName: null }));
  }

  /** Why the pod is about to be deleted. Throws what the API says. */
  async disrupted(victim: Pod, preemptor: Pod): Promise<void> {
    const message = `${preemptor.spec.schedulerName}: preempting to accommodate a higher priority pod`;
    const condition = this.#condition({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message,
    });
    const conditions = setCondition(victim.status?.conditions, condition);
    await this.#writeStatus(victim, { ...victim.status, conditions }, { conditions: [condition] });
  }

  /** `patch`: what of the status is ours, to be put beside what others wrote meanwhile. */
  async #writeStatus(pod: Pod, status: PodStatus, patch: object): Promise<void> {
    try {
      await this.#options.client.update(Pod, { ...pod, status }, { subresource: 'status' });
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error;
      await this.#patchStatus(pod, patch);
    }
  }

  #event(speaker: Pod, about: Pod, report: Report): void {
    const component = speaker.spec.schedulerName ?? '';
    let recorder = this.#recorders.get(component);
    if (recorder === undefined) {
      recorder = createEventRecorder({ ...this.#options, component });
      this.#recorders.set(component, recorder);
    }
    recorder.report(about, report);
  }

  async #writeFailure(pod: Pod, failure: Failure): Promise<void> {
    if (isKnown(pod, failure)) return;
    const { message, nominatedNode, reason = UNSCHEDULABLE } = failure;
    const condition = this.#condition({ type: 'PodScheduled', status: 'False', reason, message });
    const conditions = setCondition(pod.status?.conditions, condition);
    const status = withNomination({ ...pod.status, conditions }, nominatedNode);
    const nomination = nominatedNode === undefined ? {} : { nominatedNodeName: nominatedNode || null };
    await this.#writeStatus(pod, status, { conditions: [condition], ...nomination });
  }

  #condition(parts: PodCondition): PodCondition {
    return { ...parts, lastTransitionTime: formatTime(this.#options.world.clock.now()) };
  }

  async #patchStatus(pod: Pod, status: object): Promise<void> {
    const document = { metadata: { uid: pod.metadata.uid }, status };
    const patch = { type: 'application/strategic-merge-patch+json', document } as const;
    await this.#options.client.patch(Pod, { ref: refOf(pod), patch }, { subresource: 'status' });
  }

  async #written(pod: Pod, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      // It is gone, or another one has its name.
      if (this.#options.signal.aborted || isApiError(error, 'NotFound', 'Conflict')) return;
      const { namespace, name } = pod.metadata;
      this.#options.logger.warn('cannot report on a pod', { pod: `${namespace}/${name}`, error: asError(error) });
    }
  }
}

const UNSCHEDULABLE = 'Unschedulable';

function isKnown(pod: Pod, { message, nominatedNode, reason = UNSCHEDULABLE }: Failure): boolean {
  const known = podCondition(pod, 'PodScheduled');
  if (known?.status !== 'False' || known.reason !== reason || known.message !== message) return false;
  return nominatedNode === undefined || nominatedNode === (pod.status?.nominatedNodeName ?? '');
}

function withNomination(status: PodStatus, nominatedNode: string | undefined): PodStatus {
  if (nominatedNode === undefined) return status;
  const { nominatedNodeName: _former, ...rest } = status;
  return nominatedNode === '' ? rest : { ...rest, nominatedNodeName: nominatedNode };
}
