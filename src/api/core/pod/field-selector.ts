/** Validates references of a pod to its own fields and to its containers' resources (the downward API). */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkQualifiedName } from '../../meta/names.ts';
import { formatQuantity } from '../../meta/quantity.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../types/core-v1.ts';
import { readQuantity } from './resources.ts';

/** What an environment variable can be taken from. */
export const ENVIRONMENT_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** What a file can be taken from: it may change while the pod runs, so labels and annotations as a whole are among them. */
export const FILE_FIELDS: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

const POD_FIELDS: ReadonlySet<string> = new Set([
  ...ENVIRONMENT_FIELDS,
  ...FILE_FIELDS,
  'spec.host',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

const RESOURCE_FIELDS: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

type SubscriptedPath = { readonly path: string; readonly subscript: string };

/** `metadata.labels['app']` as its path and subscript; nothing for a plain path. */
function splitSubscript(fieldPath: string): SubscriptedPath | undefined {
  const match = /^(.+?)\['(.*)'\]$/s.exec(fieldPath);
  return match === null ? undefined : { path: match[1] ?? '', subscript: match[2] ?? '' };
}

export function* validateFieldRef(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
  field: string,
): Generator<FieldError> {
  if (!apiVersion) yield required(`${field}.apiVersion`);
  else if (!fieldPath) yield required(`${field}.fieldPath`);
  else if (apiVersion !== 'v1')
    yield invalid(
      `${field}.fieldPath`,
      fieldPath,
      `error converting fieldPath: unsupported pod version: ${apiVersion}`,
    );
  else yield* validateFieldPath(fieldPath, allowed, field);
}

function* validateFieldPath(fieldPath: string, allowed: readonly string[], field: string): Generator<FieldError> {
  const subscripted = splitSubscript(fieldPath);
  if (subscripted !== undefined) yield* validateSubscript(fieldPath, subscripted, field);
  else if (!POD_FIELDS.has(fieldPath))
    yield invalid(
      `${field}.fieldPath`,
      fieldPath,
      `error converting fieldPath: field label not supported: ${fieldPath}`,
    );
  else {
    const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
    if (!allowed.includes(path)) yield notSupported(`${field}.fieldPath`, path, allowed);
  }
}

function* validateSubscript(
  fieldPath: string,
  { path, subscript }: SubscriptedPath,
  field: string,
): Generator<FieldError> {
  if (path === 'metadata.annotations') yield* validateName(subscript.toLowerCase(), checkQualifiedName, field);
  else if (path === 'metadata.labels') yield* validateName(subscript, checkQualifiedName, field);
  else
    yield invalid(
      `${field}.fieldPath`,
      fieldPath,
      `error converting fieldPath: field label does not support subscript: ${fieldPath}`,
    );
}

/** In a volume the container must be named; in a container's environment it is that container. */
export function* validateResourceFieldRef(
  { containerName, resource, divisor }: ResourceFieldSelector,
  place: 'environment' | 'volume',
  field: string,
): Generator<FieldError> {
  if (place === 'volume' && !containerName) yield required(`${field}.containerName`);
  else if (!resource) yield required(`${field}.resource`);
  else if (!RESOURCE_FIELDS.includes(resource) && !/^(requests|limits)\.hugepages-/.test(resource))
    yield notSupported(`${field}.resource`, resource, RESOURCE_FIELDS);
  if (divisor) yield* validateDivisor(resource, divisor, `${field}.divisor`);
}

const BYTE_UNITS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function* validateDivisor(resource: string, divisor: string, field: string): Generator<FieldError> {
  const quantity = yield* readQuantity(divisor, field);
  if (quantity === undefined || quantity.nanos === 0n) return;
  const unit = formatQuantity(quantity);
  const kind = resource.replace(/^(requests|limits)\./, '');
  if (kind === 'cpu') {
    if (unit !== '1m' && unit !== '1')
      yield invalid(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource");
    return;
  }
  const noun = kind.startsWith('hugepages-') ? 'hugepages' : BYTE_RESOURCES[kind];
  if (noun !== undefined && !BYTE_UNITS.includes(unit))
    yield invalid(
      field,
      resource,
      `only divisor's values ${BYTE_UNITS.join(', ')} are supported with the ${noun} resource`,
    );
}

const BYTE_RESOURCES: Readonly<Record<string, string>> = {
  memory: 'memory',
  'ephemeral-storage': 'local ephemeral storage',
};
