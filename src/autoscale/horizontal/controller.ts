/** Looks at every HorizontalPodAutoscaler in turn: reads the load of its target, plans, scales, and reports. */
import { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import { Pod } from '#api/core/pod';
import { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import { definedKinds } from '#api/extensions/defined-kinds';
import { KINDS } from '#api/kinds';
import { setCondition } from '#api/meta/conditions';
import { matchesLabels } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import { parseSelector } from '#api/meta/label-selector-parser';
import { formatTime } from '#api/meta/time';
import { isApiError } from '#api/errors';
import { refOf } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import type { HorizontalPodAutoscalerStatus } from '#api/types/autoscaling-v2';
import { asError, errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import { ticks } from '#base/ticker';
import type { World } from '#base/world';
import type { Client, Scale } from '#client/client';
import { createEventRecorder, type EventRecorder } from '#client/event-recorder';
import type { Informers } from '#client/informer';
import { type ConditionChange, planScale, type ScalePlan } from './plan.ts';
import { firstMemory, type Memory, remember } from './plan-behavior.ts';
import { readMetrics } from './read-metrics.ts';

export type HorizontalAutoscalerOptions = {
  readonly client: Client;
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Between two looks at an autoscaler (upstream's --horizontal-pod-autoscaler-sync-period). */
  readonly periodMs?: number;
};

const PERIOD_MS = 15_000;

/** Scales until `signal` aborts. */
export async function runHorizontalAutoscaler(options: HorizontalAutoscalerOptions): Promise<void> {
  const { informers, world, signal, periodMs = PERIOD_MS } = options;
  const autoscalers = informers.for(HorizontalPodAutoscaler);
  await Promise.all([autoscalers.synced, informers.for(Pod).synced, informers.for(CustomResourceDefinition).synced]);
  const looker = new Looker(options);
  for await (const _tick of ticks(periodMs, { world, signal })) {
    const all = autoscalers.list();
    looker.forgetAllBut(all);
    await Promise.all(all.map((autoscaler) => looker.look(autoscaler)));
  }
}

type Found = { readonly type: ResourceDefinition; readonly scale: Scale };

class Looker {
  readonly #options: HorizontalAutoscalerOptions;
  readonly #events: EventRecorder;
  readonly #memories = new Map<string, Memory>();

  constructor(options: HorizontalAutoscalerOptions) {
    this.#options = options;
    this.#events = createEventRecorder({ ...options, component: 'horizontal-pod-autoscaler' });
  }

  forgetAllBut(autoscalers: readonly HorizontalPodAutoscaler[]): void {
    const known = new Set(autoscalers.map(({ metadata }) => metadata.uid));
    for (const uid of this.#memories.keys()) if (!known.has(uid)) this.#memories.delete(uid);
  }

  async look(autoscaler: HorizontalPodAutoscaler): Promise<void> {
    if (autoscaler.metadata.deletionTimestamp !== undefined) return;
    try {
      await this.#reconcile(autoscaler);
    } catch (error) {
      if (this.#options.signal.aborted || isApiError(error, 'NotFound', 'Conflict')) return; // the next look sees what changed
      this.#options.logger.warn('cannot autoscale', { autoscaler: autoscaler.metadata.name, error: asError(error) });
    }
  }

  async #reconcile(autoscaler: HorizontalPodAutoscaler): Promise<void> {
    const found = await this.#findScale(autoscaler);
    if (found === undefined) return;
    const currentReplicas = found.scale.spec.replicas;
    const nowMs = this.#options.world.clock.now();
    const memory = this.#memories.get(autoscaler.metadata.uid) ?? firstMemory(currentReplicas, nowMs);
    const selector = found.scale.status?.selector ?? '';
    const pods = this.#podsOf(autoscaler, selector);
    const outcomes = await readMetrics(this.#options.client, { autoscaler, pods, selector, currentReplicas, nowMs });
    const plan = planScale({ autoscaler, currentReplicas, outcomes, memory, nowMs });
    if (plan.failure !== undefined) this.#events.report(autoscaler, { type: 'Warning', ...plan.failure });
    const scaled = await this.#apply(autoscaler, found, plan);
    const to = scaled ? plan.replicas : currentReplicas;
    const desired = plan.recommendation ?? to;
    this.#memories.set(autoscaler.metadata.uid, remember(memory, { desired, from: currentReplicas, to, nowMs }));
    await this.#report(autoscaler, { plan, found, scaled, nowMs });
  }

  #podsOf({ metadata }: HorizontalPodAutoscaler, selector: string): readonly Pod[] {
    const parsed = parseSelector(selector);
    return this.#options.informers
      .for(Pod)
      .list(metadata.namespace)
      .filter((pod) => matchesLabels(parsed, pod.metadata.labels));
  }

  /** All that may have a scale: which of those that users defined have one, the server knows. */
  #kinds(): readonly ResourceDefinition[] {
    const definitions = this.#options.informers.for(CustomResourceDefinition).list();
    return [...KINDS.filter(({ scale }) => scale !== undefined), ...definedKinds(definitions)];
  }

  async #findScale(autoscaler: HorizontalPodAutoscaler): Promise<Found | undefined> {
    const { scaleTargetRef: target } = autoscaler.spec;
    const group = target.apiVersion?.includes('/') === true ? target.apiVersion.split('/')[0] : '';
    // A target may be named in any group in which its kind was ever served.
    const type = this.#kinds().find(
      (each) => each.kind === target.kind && [each, ...each.otherVersions].some((version) => version.group === group),
    );
    try {
      if (type === undefined) throw new Error(`no matches for kind "${target.kind}" in group "${group}"`);
      const { namespace } = autoscaler.metadata;
      return { type, scale: await this.#options.client.getScale(type, { namespace, name: target.name }) };
    } catch (error) {
      const report = { reason: 'FailedGetScale', message: errorMessage(error) };
      this.#events.report(autoscaler, { type: 'Warning', ...report });
      const message = `the HPA controller was unable to get the target's current scale: ${report.message}`;
      const status = withConditions(
        autoscaler.status,
        [{ type: 'AbleToScale', status: 'False', reason: report.reason, message }],
        this.#now(),
      );
      await this.#writeStatus(autoscaler, status);
      return undefined;
    }
  }

  async #apply(autoscaler: HorizontalPodAutoscaler, { type, scale }: Found, plan: ScalePlan): Promise<boolean> {
    if (plan.replicas === scale.spec.replicas) return false;
    const ref = { namespace: autoscaler.metadata.namespace, name: scale.metadata.name };
    const size = `New size: ${plan.replicas}; reason: ${plan.because}`;
    try {
      await this.#options.client.updateScale(type, ref, { ...scale, spec: { replicas: plan.replicas } });
    } catch (error) {
      this.#events.report(autoscaler, {
        type: 'Warning',
        reason: 'FailedRescale',
        message: `${size}; error: ${errorMessage(error)}`,
      });
      throw error;
    }
    this.#events.report(autoscaler, { type: 'Normal', reason: 'SuccessfulRescale', message: size });
    return true;
  }

  async #report(
    autoscaler: HorizontalPodAutoscaler,
    { plan, found, scaled, nowMs }: { plan: ScalePlan; found: Found; scaled: boolean; nowMs: number },
  ): Promise<void> {
    const status: HorizontalPodAutoscalerStatus = {
      ...withConditions(
        autoscaler.status,
        [...ableToScale(plan, scaled), ...plan.conditions.filter(({ type }) => !scaled || type !== 'AbleToScale')],
        nowMs,
      ),
      currentReplicas: found.scale.status?.replicas ?? found.scale.spec.replicas,
      desiredReplicas: plan.replicas,
      ...(autoscaler.metadata.generation === undefined ? {} : { observedGeneration: autoscaler.metadata.generation }),
      ...(plan.currentMetrics.length > 0 ? { currentMetrics: plan.currentMetrics } : {}),
      ...(scaled ? { lastScaleTime: formatTime(nowMs) } : {}),
    };
    await this.#writeStatus(autoscaler, status);
  }

  async #writeStatus(autoscaler: HorizontalPodAutoscaler, status: HorizontalPodAutoscalerStatus): Promise<void> {
    if (semanticEqual(autoscaler.status, status)) return;
    const newest = this.#options.informers.for(HorizontalPodAutoscaler).get(refOf(autoscaler)) ?? autoscaler;
    const written = await this.#options.client.update(
      HorizontalPodAutoscaler,
      { ...newest, status },
      { subresource: 'status' },
    );
    this.#options.informers.for(HorizontalPodAutoscaler).observe(written, 'written');
  }

  #now(): number {
    return this.#options.world.clock.now();
  }
}

function ableToScale({ replicas }: ScalePlan, scaled: boolean): readonly ConditionChange[] {
  if (scaled) {
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    return [{ type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message }];
  }
  const message = "the HPA controller was able to get the target's current scale";
  return [{ type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale', message }];
}

function withConditions(
  status: HorizontalPodAutoscalerStatus | undefined,
  changes: readonly ConditionChange[],
  nowMs: number,
): HorizontalPodAutoscalerStatus {
  let conditions = status?.conditions;
  for (const change of changes)
    conditions = setCondition(conditions, { ...change, lastTransitionTime: formatTime(nowMs) });
  return { desiredReplicas: 0, ...status, ...(conditions && { conditions }) };
}
