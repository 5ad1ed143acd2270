/** Validates the containers of a pod: ordinary, init, sidecar and ephemeral ones. */
import type { FieldError } from '../../meta/field-error.ts';
import {
  choiceErrors,
  duplicate,
  forbidden,
  invalid,
  NO_ERRORS,
  notFound,
  notSupported,
  ofPart,
  required,
} from '../../meta/field-error.ts';
import { checkDnsLabel } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { Container, ContainerResizePolicy, EphemeralContainer, PodSpec, Volume } from '../../types/core-v1.ts';
import { validateEnvironment, validateEnvironmentSources } from './environment.ts';
import { validatePullPolicy } from './image.ts';
import { validateDevices, validateMounts } from './mounts.ts';
import { validateContainerPorts, validateHostPortsOnce } from './ports.ts';
import { hasHooksOrProbes, validateHooksAndProbes } from './probes.ts';
import { validateContainerResources } from './resources.ts';
import { validateContainerSecurity } from './security-context.ts';
import { isSidecar } from './visit.ts';

/** What the containers of a pod share. */
export type ContainerScope = {
  readonly spec: PodSpec;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claimNames: ReadonlySet<string>;
};

export function* validateContainers(field: string, scope: ContainerScope): Generator<FieldError> {
  const { containers, terminationGracePeriodSeconds } = scope.spec;
  if (containers.length === 0) {
    yield required(field);
    return;
  }
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const path = `${field}[${index}]`;
    yield* validateContainer(container, path, scope);
    if (names.has(container.name)) yield duplicate(`${path}.name`, container.name);
    names.add(container.name);
    if (hasHooksOrProbes(container)) yield* validateHooksAndProbes(container, terminationGracePeriodSeconds, path);
    if (container.restartPolicy !== undefined)
      yield forbidden(`${path}.restartPolicy`, 'may not be set for non-init containers');
  }
  yield* validateHostPortsOnce(containers, field);
}

export function* validateInitContainers(
  initContainers: readonly Container[],
  field: string,
  scope: ContainerScope,
): Generator<FieldError> {
  const names = new Set(scope.spec.containers.map(({ name }) => name));
  for (const [index, container] of initContainers.entries()) {
    const path = `${field}[${index}]`;
    yield* validateContainer(container, path, scope);
    if (container.restartPolicy !== undefined && container.restartPolicy !== 'Always')
      yield notSupported(`${path}.restartPolicy`, container.restartPolicy, ['Always']);
    if (names.has(container.name)) yield duplicate(`${path}.name`, container.name);
    if (container.name !== '') names.add(container.name);
    yield* validateHostPortsOnce([container], field);
    if (isSidecar(container)) yield* validateHooksAndProbes(container, scope.spec.terminationGracePeriodSeconds, path);
    else yield* forbidHooksAndProbes(container, path);
  }
}

function* forbidHooksAndProbes(container: Container, field: string): Generator<FieldError> {
  for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    if (container[key] !== undefined)
      yield forbidden(`${field}.${key}`, 'may not be set for init containers without restartPolicy=Always');
  if ((container.resizePolicy ?? []).length > 0)
    yield invalid(`${field}.resizePolicy`, container.resizePolicy, 'must not be set for init containers');
}

export function* validateEphemeralContainers(
  ephemeralContainers: readonly EphemeralContainer[],
  field: string,
  scope: ContainerScope,
): Generator<FieldError> {
  const { containers, initContainers = [] } = scope.spec;
  const lasting = new Set([...containers, ...initContainers].map(({ name }) => name));
  const names = new Set(lasting);
  for (const [index, container] of ephemeralContainers.entries()) {
    const path = `${field}[${index}]`;
    yield* validateContainer(container, path, scope);
    yield* validateImageTrimmed(container, path);
    if (names.has(container.name)) yield duplicate(`${path}.name`, container.name);
    names.add(container.name);
    if (container.targetContainerName && !lasting.has(container.targetContainerName))
      yield notFound(`${path}.targetContainerName`, container.targetContainerName);
    yield* forbidForEphemeral(container, path);
  }
}

/** An ephemeral container is a visitor: nothing of the pod's service may depend on it. */
const NOT_FOR_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const satisfies readonly (keyof EphemeralContainer)[];

function* forbidForEphemeral(container: EphemeralContainer, field: string): Generator<FieldError> {
  const why = 'cannot be set for an Ephemeral Container';
  for (const key of NOT_FOR_EPHEMERAL) if (isSet(container[key])) yield forbidden(`${field}.${key}`, why);
  for (const [index, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
    if (subPath) yield forbidden(`${field}.volumeMounts[${index}].subPath`, why);
    if (subPathExpr) yield forbidden(`${field}.volumeMounts[${index}].subPathExpr`, why);
  }
}

/** Empty lists and objects set nothing. */
function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null;
}

const MESSAGE_POLICIES: readonly string[] = ['File', 'FallbackToLogsOnError'];

function* validateContainer(container: Container, field: string, scope: ContainerScope): Generator<FieldError> {
  if (container.name === '') yield required(`${field}.name`);
  else yield* validateName(container.name, checkDnsLabel, `${field}.name`);
  if (!container.image) yield required(`${field}.image`);
  const { spec, volumes, claimNames } = scope;
  yield* choiceErrors(container.terminationMessagePolicy ?? '', MESSAGE_POLICIES, `${field}.terminationMessagePolicy`);
  yield* ofPart(container.ports, (ports) => validateContainerPorts(ports, `${field}.ports`));
  yield* ofPart(container.env, (variables) => validateEnvironment(variables, `${field}.env`));
  yield* ofPart(container.envFrom, (sources) => validateEnvironmentSources(sources, `${field}.envFrom`));
  yield* ofPart(container.volumeMounts, () => validateMounts(container, volumes, `${field}.volumeMounts`));
  yield* ofPart(container.volumeDevices, () => validateDevices(container, volumes, `${field}.volumeDevices`));
  yield* validatePullPolicy(container.imagePullPolicy, `${field}.imagePullPolicy`);
  yield* ofPart(container.resources, (resources) =>
    validateContainerResources(resources, claimNames, `${field}.resources`),
  );
  yield* ofPart(container.resizePolicy, (policies) => validateResizePolicies(policies, spec, `${field}.resizePolicy`));
  yield* ofPart(container.securityContext, (context) =>
    validateContainerSecurity(context, spec.hostUsers ?? true, `${field}.securityContext`),
  );
}

const RESIZABLE: readonly string[] = ['cpu', 'memory'];
const RESIZE_POLICIES: readonly string[] = ['NotRequired', 'RestartContainer'];

function* validateResizePolicies(
  policies: readonly ContainerResizePolicy[],
  spec: PodSpec,
  field: string,
): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) yield duplicate(`${field}[${index}]`, resourceName);
    seen.add(resourceName);
    yield* choiceErrors(resourceName, RESIZABLE, field);
    yield* choiceErrors(restartPolicy, RESIZE_POLICIES, field);
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      yield invalid(field, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'");
  }
}

/** Templates of pods may carry padded images, for tools that fill them in; pods may not. */
export function validateImageTrimmed({ image = '' }: Container, field: string): readonly FieldError[] {
  if (image.trim() === image) return NO_ERRORS;
  return [invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')];
}
