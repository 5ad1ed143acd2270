/** Validates probes, lifecycle hooks and the handlers they share. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkHttpHeaderName } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../types/core-v1.ts';
import { validatePortNumber, validatePortNumberOrName } from './ports.ts';

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

export const hasHooksOrProbes = (container: Container): boolean =>
  container.lifecycle !== undefined ||
  container.livenessProbe !== undefined ||
  container.readinessProbe !== undefined ||
  container.startupProbe !== undefined;

/** Hooks and probes of a container that is meant to keep running. */
export function* validateHooksAndProbes(
  container: Container,
  gracePeriodSeconds: number | undefined,
  field: string,
): Generator<FieldError> {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle !== undefined) yield* validateLifecycle(lifecycle, gracePeriodSeconds, `${field}.lifecycle`);
  if (livenessProbe !== undefined) yield* validateRestartingProbe(livenessProbe, `${field}.livenessProbe`);
  if (readinessProbe !== undefined) yield* validateReadinessProbe(readinessProbe, `${field}.readinessProbe`);
  if (startupProbe !== undefined) yield* validateRestartingProbe(startupProbe, `${field}.startupProbe`);
}

/** Liveness and startup probes restart the container: one success settles them. */
function* validateRestartingProbe(probe: Probe, field: string): Generator<FieldError> {
  yield* validateProbe(probe, field);
  if ((probe.successThreshold ?? 0) !== 1)
    yield invalid(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1');
}

function* validateReadinessProbe(probe: Probe, field: string): Generator<FieldError> {
  yield* validateProbe(probe, field);
  if (probe.terminationGracePeriodSeconds !== undefined)
    yield invalid(
      `${field}.terminationGracePeriodSeconds`,
      probe.terminationGracePeriodSeconds,
      'must not be set for readinessProbes',
    );
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const satisfies readonly (keyof Probe)[];

function* validateProbe(probe: Probe, field: string): Generator<FieldError> {
  yield* validateHandler(probe, undefined, field);
  for (const key of COUNTS)
    if ((probe[key] ?? 0) < 0) yield invalid(`${field}.${key}`, probe[key], 'must be greater than or equal to 0');
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    yield invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0');
}

function* validateLifecycle(
  { postStart, preStop }: Lifecycle,
  gracePeriodSeconds: number | undefined,
  field: string,
): Generator<FieldError> {
  if (postStart !== undefined) yield* validateHandler(postStart, gracePeriodSeconds, `${field}.postStart`);
  if (preStop !== undefined) yield* validateHandler(preStop, gracePeriodSeconds, `${field}.preStop`);
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const satisfies readonly (keyof Handler)[];

function* validateHandler(
  handler: Handler,
  gracePeriodSeconds: number | undefined,
  field: string,
): Generator<FieldError> {
  const [first, ...others] = HANDLERS.filter((key) => handler[key] !== undefined);
  if (first === undefined) yield required(field, 'must specify a handler type');
  else yield* validateOneHandler({ [first]: handler[first] }, gracePeriodSeconds, field);
  for (const key of others) yield forbidden(`${field}.${key}`, 'may not specify more than 1 handler type');
}

function* validateOneHandler(
  { exec, httpGet, tcpSocket, grpc, sleep }: Handler,
  gracePeriodSeconds: number | undefined,
  field: string,
): Generator<FieldError> {
  if (exec !== undefined && (exec.command ?? []).length === 0) yield required(`${field}.exec.command`);
  if (httpGet !== undefined) yield* validateHttpGet(httpGet, `${field}.httpGet`);
  if (tcpSocket !== undefined) yield* validatePortNumberOrName(tcpSocket.port, `${field}.tcpSocket.port`);
  if (grpc !== undefined) yield* validatePortNumber(grpc.port, `${field}.grpc.port`);
  if (sleep !== undefined && gracePeriodSeconds !== undefined)
    yield* validateSleep(sleep.seconds, gracePeriodSeconds, `${field}.sleep`);
}

const SCHEMES: readonly string[] = ['HTTP', 'HTTPS'];

function* validateHttpGet(
  { path, port, scheme, httpHeaders = [] }: HTTPGetAction,
  field: string,
): Generator<FieldError> {
  if (!path) yield required(`${field}.path`);
  yield* validatePortNumberOrName(port, `${field}.port`);
  if (!SCHEMES.includes(scheme ?? '')) yield notSupported(`${field}.scheme`, scheme ?? '', SCHEMES);
  for (const { name } of httpHeaders) yield* validateName(name, checkHttpHeaderName, `${field}.httpHeaders`);
}

function* validateSleep(seconds: number, gracePeriodSeconds: number, field: string): Generator<FieldError> {
  if (seconds < 0 || seconds > gracePeriodSeconds)
    yield invalid(
      field,
      seconds,
      `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`,
    );
}
