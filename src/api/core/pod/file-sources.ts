/** Validates volumes whose files come from the API: config maps, secrets, the pod's own fields, and projections of them. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, required } from '../../meta/field-error.ts';
import { checkDnsSubdomain } from '../../meta/names.ts';
import { validateLabelSelector, validateName } from '../../meta/validate-labels.ts';
import type {
  ClusterTrustBundleProjection,
  ConfigMapProjection,
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  SecretProjection,
  SecretVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../types/core-v1.ts';
import { FILE_FIELDS, validateFieldRef, validateResourceFieldRef } from './field-selector.ts';
import { validateFilePath } from './paths.ts';

export function* validateSecretSource(source: SecretVolumeSource, field: string): Generator<FieldError> {
  if (!source.secretName) yield required(`${field}.secretName`);
  yield* validateMode(source.defaultMode, `${field}.defaultMode`);
  yield* validateItems(source.items ?? [], `${field}.items`);
}

export function* validateConfigMapSource(source: ConfigMapVolumeSource, field: string): Generator<FieldError> {
  if (!source.name) yield required(`${field}.name`);
  yield* validateMode(source.defaultMode, `${field}.defaultMode`);
  yield* validateItems(source.items ?? [], `${field}.items`);
}

/** Upstream does not say which of the files is at fault. */
export function* validateDownwardSource(source: DownwardAPIVolumeSource, field: string): Generator<FieldError> {
  yield* validateMode(source.defaultMode, `${field}.defaultMode`);
  for (const file of source.items ?? []) yield* validateDownwardFile(file, field);
}

export function* validateProjectedSource(source: ProjectedVolumeSource, field: string): Generator<FieldError> {
  yield* validateMode(source.defaultMode, `${field}.defaultMode`);
  const taken = new Set<string>();
  for (const [index, projection] of (source.sources ?? []).entries()) {
    const path = `${field}.sources[${index}]`;
    yield* validateProjection(projection, field, path);
    yield* validatePathsOnce(projection, taken, field);
    if (Object.values(projection).filter((value) => value !== undefined).length > 1)
      yield forbidden(path, 'may not specify more than 1 volume type per source');
  }
}

function* validateMode(mode: number | undefined, field: string): Generator<FieldError> {
  if (mode !== undefined && (mode < 0 || mode > 0o777))
    yield invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
}

function* validateItems(items: readonly KeyToPath[], field: string): Generator<FieldError> {
  for (const [index, { key, path, mode }] of items.entries()) {
    const itemField = `${field}[${index}]`;
    if (key === '') yield required(`${itemField}.key`);
    if (path === '') yield required(`${itemField}.path`);
    yield* validateFilePath(path, `${itemField}.path`);
    yield* validateMode(mode, `${itemField}.mode`);
  }
}

function* validateDownwardFile(file: DownwardAPIVolumeFile, field: string): Generator<FieldError> {
  const { path, fieldRef, resourceFieldRef, mode } = file;
  if (path === '') yield required(`${field}.path`);
  yield* validateFilePath(path, `${field}.path`);
  if (fieldRef !== undefined) yield* validateFieldRef(fieldRef, FILE_FIELDS, `${field}.fieldRef`);
  else if (resourceFieldRef !== undefined)
    yield* validateResourceFieldRef(resourceFieldRef, 'volume', `${field}.resourceFieldRef`);
  else yield required(field, 'one of fieldRef and resourceFieldRef is required');
  if (fieldRef !== undefined && resourceFieldRef !== undefined)
    yield invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
  yield* validateMode(mode, `${field}.mode`);
}

function* validateProjection(projection: VolumeProjection, volumeField: string, field: string): Generator<FieldError> {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = projection;
  yield* validateNamedItems(secret, `${field}.secret`);
  yield* validateNamedItems(configMap, `${field}.configMap`);
  for (const file of downwardAPI?.items ?? []) yield* validateDownwardFile(file, `${field}.downwardAPI`);
  if (serviceAccountToken !== undefined)
    yield* validateToken(serviceAccountToken, volumeField, `${field}.serviceAccountToken`);
  if (clusterTrustBundle !== undefined) yield* validateTrustBundle(clusterTrustBundle, `${field}.clusterTrustBundle`);
}

function* validateNamedItems(
  source: ConfigMapProjection | SecretProjection | undefined,
  field: string,
): Generator<FieldError> {
  if (source === undefined) return;
  if (!source.name) yield required(`${field}.name`);
  yield* validateItems(source.items ?? [], `${field}.items`);
}

function* validateToken(
  { expirationSeconds = 0, path }: ServiceAccountTokenProjection,
  volumeField: string,
  field: string,
): Generator<FieldError> {
  if (expirationSeconds < 600)
    yield invalid(`${field}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes');
  if (expirationSeconds > 2 ** 32)
    yield invalid(
      `${field}.expirationSeconds`,
      expirationSeconds,
      'may not specify a duration larger than 2^32 seconds',
    );
  if (path === '') yield required(`${volumeField}.path`);
  else yield* validateFilePath(path, `${volumeField}.path`);
}

function* validateTrustBundle(bundle: ClusterTrustBundleProjection, field: string): Generator<FieldError> {
  const { name, signerName, labelSelector, path } = bundle;
  if (name !== undefined && signerName !== undefined)
    yield invalid(field, bundle, 'only one of name and signerName may be used');
  else if (name !== undefined) yield* validateBundleName(name, `${field}.name`);
  else if (signerName !== undefined) yield* validateSignerName(signerName, `${field}.signerName`);
  else yield required(field, 'either name or signerName must be specified');
  if (name === undefined) yield* validateLabelSelector(labelSelector, `${field}.labelSelector`);
  else if (labelSelector !== undefined)
    yield invalid(`${field}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified');
  if (path === '') yield required(`${field}.path`);
  yield* validateFilePath(path, `${field}.path`);
}

/** A bundle of a signer is named after it: `example.com:signer:bundle`. */
function* validateBundleName(name: string, field: string): Generator<FieldError> {
  if (name === '') yield required(field, 'must be a valid object name');
  const own = name.slice(name.lastIndexOf(':') + 1);
  for (const problem of checkDnsSubdomain(own))
    yield invalid(field, name, `not a valid clustertrustbundlename: ${problem}`);
}

function* validateSignerName(name: string, field: string): Generator<FieldError> {
  if (name === '') yield required(field, 'must be a valid signer name');
  const [domain = '', ...path] = name.split('/');
  if (path.length !== 1)
    yield invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
  yield* validateName(domain, checkDnsSubdomain, field);
}

function* validatePathsOnce(projection: VolumeProjection, taken: Set<string>, field: string): Generator<FieldError> {
  for (const { path, shown } of pathsOf(projection)) {
    if (path !== '' && taken.has(path)) yield invalid(field, shown, 'conflicting duplicate paths');
    taken.add(path);
  }
}

/** Where a projection puts its files, and what an error about that names. */
function pathsOf(projection: VolumeProjection): readonly { readonly path: string; readonly shown: string }[] {
  const { secret, configMap, downwardAPI, clusterTrustBundle } = projection;
  return [
    ...(secret?.items ?? []).map(({ path }) => ({ path, shown: secret?.name ?? '' })),
    ...(configMap?.items ?? []).map(({ path }) => ({ path, shown: configMap?.name ?? '' })),
    ...(downwardAPI?.items ?? []).map(({ path }) => ({ path, shown: path })),
    ...(clusterTrustBundle === undefined ? [] : [{ path: clusterTrustBundle.path, shown: clusterTrustBundle.path }]),
  ];
}
