/** Runs the probes of all of a node's containers and keeps their verdicts. */
import type { Pod } from '#api/core/pod';
import type { ContainerStatus } from '#api/types/core-v1';
import { abortScope, isAbortOf, type AbortScope } from '#base/abort';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { EventRecorder } from '#client/event-recorder';
import type { ContainerFacts } from '../pods/plan/container-facts.ts';
import type { Verdicts } from '../pods/plan/pod-state.ts';
import { fieldPath } from '../pods/operations/operation.ts';
import type { PodProbes } from '../pods/pod-probes.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { wantedProbes } from './plan-follow.ts';
import { UNPROBED, type ProbeKind } from './plan-probe.ts';
import { runProbe } from './run-probe.ts';

export type ProberOptions = {
  readonly runtime: Runtime;
  readonly world: World;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly hostIps: readonly string[];
  readonly signal: AbortSignal;
  readonly onVerdict: (podUid: string) => void;
  readonly podIpOf: (podUid: string) => string;
};

type Followed = { readonly podUid: string; readonly runs: Map<ProbeKind, AbortScope>; readonly adopted: boolean };

const SPECS = { startup: 'startupProbe', readiness: 'readinessProbe', liveness: 'livenessProbe' } as const;

export class Prober implements PodProbes {
  readonly #options: ProberOptions;
  readonly #verdicts = new Map<string, Verdicts>();
  readonly #followed = new Map<string, Followed>();
  readonly #adopted = new Set<string>();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  get verdicts(): ReadonlyMap<string, Verdicts> {
    return this.#verdicts;
  }

  adopt({ status = {} }: Pod): void {
    for (const each of [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]) {
      const id = each.containerID?.split('://')[1];
      if (id === undefined || each.state?.running === undefined) continue;
      this.#adopted.add(id);
      this.#verdicts.set(id, verdictsOf(each));
    }
  }

  follow(pod: Pod, containers: () => readonly ContainerFacts[]): void {
    const { uid, deletionTimestamp } = pod.metadata;
    const present = new Set<string>();
    for (const facts of containers()) {
      const id = facts.latest?.id;
      if (id === undefined || !facts.running) continue;
      present.add(id);
      const wanted = wantedProbes({ ...facts, terminating: deletionTimestamp !== undefined });
      this.#adjust(pod, facts, wanted);
    }
    for (const [id, { podUid }] of this.#followed) if (podUid === uid && !present.has(id)) this.#drop(id);
  }

  stopPod(podUid: string): void {
    for (const [id, followed] of this.#followed) if (followed.podUid === podUid) this.#drop(id);
  }

  #adjust(pod: Pod, facts: ContainerFacts, wanted: readonly ProbeKind[]): void {
    const id = facts.latest?.id ?? '';
    let followed = this.#followed.get(id);
    if (followed === undefined) {
      followed = { podUid: pod.metadata.uid, runs: new Map(), adopted: this.#adopted.delete(id) };
      this.#followed.set(id, followed);
    }
    for (const [kind, scope] of followed.runs) {
      if (wanted.includes(kind)) continue;
      scope.abort();
      followed.runs.delete(kind);
    }
    for (const kind of wanted) if (!followed.runs.has(kind)) this.#start(pod, facts, { kind, followed });
  }

  #start(
    pod: Pod,
    facts: ContainerFacts,
    { kind, followed }: { readonly kind: ProbeKind; readonly followed: Followed },
  ): void {
    const { spec, latest } = facts;
    const { runtime, world, logger, events, signal } = this.#options;
    const probe = spec[SPECS[kind]];
    if (probe === undefined || latest === undefined) return;
    const scope = abortScope(signal);
    followed.runs.set(kind, scope);
    const known = this.#verdicts.get(latest.id)?.[kind];
    const run = runProbe({
      kind,
      probe,
      container: spec,
      containerId: latest.id,
      podIp: this.#podIp(pod),
      startedAtMs: latest.startedAtMs ?? latest.createdAtMs,
      state: known === 'Success' ? { ...UNPROBED, verdict: known } : UNPROBED,
      extraDelayMs: followed.adopted ? world.random() * (probe.periodSeconds ?? 10) * 1000 : 0,
      runtime,
      world,
      logger,
      signal: scope.signal,
      onVerdict: (verdict) => this.#decide(latest.id, followed.podUid, { [kind]: verdict }),
      report: (reason, message) => events.report(pod, { type: 'Warning', reason, message }, fieldPath(pod, spec.name)),
    });
    void run.catch((error: unknown) => {
      if (!isAbortOf(error, scope.signal))
        logger.error('a probe stopped', { container: spec.name, error: asError(error) });
    });
  }

  #podIp({ metadata, spec }: Pod): string {
    return spec.hostNetwork === true ? (this.#options.hostIps[0] ?? '') : this.#options.podIpOf(metadata.uid);
  }

  #decide(containerId: string, podUid: string, verdict: Verdicts): void {
    if (!this.#followed.has(containerId)) return;
    this.#verdicts.set(containerId, { ...this.#verdicts.get(containerId), ...verdict });
    this.#options.onVerdict(podUid);
  }

  #drop(id: string): void {
    for (const scope of this.#followed.get(id)?.runs.values() ?? []) scope.abort();
    this.#followed.delete(id);
    this.#verdicts.delete(id);
  }
}

function verdictsOf({ started, ready }: ContainerStatus): Verdicts {
  return { ...(started === true ? { startup: 'Success' } : {}), ...(ready ? { readiness: 'Success' } : {}) };
}
