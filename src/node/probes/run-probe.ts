/** Probes one container until its signal aborts or the verdict is final. */
import type { Container, Probe } from '#api/types/core-v1';
import { deadlineScope } from '#base/abort';
import { asError, errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Runtime } from '../runtime/runtime.ts';
import { execProbe } from './exec-probe.ts';
import { grpcHealth } from './grpc-health.ts';
import { httpGet } from './http-get.ts';
import {
  afterResult,
  firstDelayMs,
  isFinal,
  nextDelayMs,
  probeTiming,
  type ProbeKind,
  type ProbeResult,
  type ProbeState,
} from './plan-probe.ts';
import type { Answer } from './probe-target.ts';
import { tcpSocket } from './tcp-socket.ts';

export type ProbeRun = {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
  readonly startedAtMs: number;
  /** What was known before. */
  readonly state: ProbeState;
  /** Waited besides, so that an agent that comes back does not probe all it finds at once. */
  readonly extraDelayMs: number;
  readonly runtime: Runtime;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onVerdict: (verdict: ProbeResult) => void;
  /** `Unhealthy` or `ProbeWarning`, with the text of the event. */
  readonly report: (reason: string, message: string) => void;
};

export async function runProbe(run: ProbeRun): Promise<void> {
  const { world, signal, kind } = run;
  const timing = probeTiming(run.probe);
  let { state } = run;
  let delayMs = firstDelayMs(timing, run.startedAtMs, world.clock.now()) + run.extraDelayMs;
  while (!isFinal(kind, state.verdict)) {
    await world.clock.sleep(delayMs, signal);
    const begunMs = world.clock.now();
    const result = await tryOnce(run, timing.timeoutMs);
    signal.throwIfAborted();
    if (result !== undefined) {
      const before = state.verdict;
      state = afterResult(state, result, timing);
      if (state.verdict !== undefined && state.verdict !== before) run.onVerdict(state.verdict);
    }
    delayMs = nextDelayMs(timing, begunMs, world.clock.now());
  }
}

/** Undefined when the probe itself could not be made: that says nothing about the container. */
async function tryOnce(run: ProbeRun, timeoutMs: number): Promise<ProbeResult | undefined> {
  const { world, signal, kind, report, logger, container } = run;
  using scope = deadlineScope(timeoutMs, world.clock, signal);
  try {
    const answer = await ask(run, timeoutMs, scope.signal);
    if (signal.aborted) return undefined;
    if (answer.warning !== undefined) report('ProbeWarning', `${titleOf(kind)} probe warning: ${answer.warning}`);
    if (answer.result === 'Failure') report('Unhealthy', `${titleOf(kind)} probe failed: ${answer.output}`);
    return answer.result;
  } catch (error) {
    if (signal.aborted) return undefined;
    report('Unhealthy', `${titleOf(kind)} probe errored and resulted in unknown state: ${errorMessage(error)}`);
    logger.warn('cannot probe a container', { container: container.name, error: asError(error) });
    return undefined;
  }
}

function ask(run: ProbeRun, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
  const { probe, container, containerId, podIp, runtime } = run;
  const { exec, httpGet: http, tcpSocket: tcp, grpc } = probe;
  // The runtime ends the command itself when its time is over; only the end of the probe aborts the call.
  if (exec !== undefined) return execProbe({ action: exec, runtime, containerId, timeoutMs, signal: run.signal });
  if (http !== undefined) return httpGet({ action: http, container, podIp, signal });
  if (tcp !== undefined) return tcpSocket({ action: tcp, container, podIp, signal });
  if (grpc !== undefined) return grpcHealth({ action: grpc, podIp, timeoutMs, signal });
  throw new Error(`Cannot probe container "${container.name}": missing probe handler`);
}

function titleOf(kind: ProbeKind): string {
  return kind[0]?.toUpperCase() + kind.slice(1);
}
