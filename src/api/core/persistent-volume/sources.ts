/** Where a persistent volume keeps its data: exactly one kind of storage, with what that kind needs. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, required } from '../../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type {
  CSIPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  ObjectReference,
  PersistentVolumeSource,
  SecretReference,
} from '../../types/core-v1.ts';
import { validateNoBacksteps } from '../pod/paths.ts';
import {
  validateAzureDisk,
  validateDriverName,
  validateFibreChannel,
  validateFlex,
  validateFlocker,
  validateIscsi,
  validateNfs,
  validatePartition,
  validateQuobyte,
  validateSecretRef,
  validateStorageOs,
} from '../pod/storage-sources.ts';
import { requireFields, validateHostPath } from '../pod/volumes.ts';

type Source = Exclude<keyof PersistentVolumeSource, never>;
type Rule<K extends Source> = (
  source: NonNullable<PersistentVolumeSource[K]>,
  field: string,
  volumeName: string,
) => Iterable<FieldError>;

/** The rules of each source, in the order in which the first of several counts. */
const RULES: { readonly [K in Source]: Rule<K> } = {
  hostPath: validateHostPath,
  gcePersistentDisk: function* (source, field) {
    yield* requireFields(source, ['pdName'], field);
    yield* validatePartition(source.partition, `${field}.partition`);
  },
  awsElasticBlockStore: function* (source, field) {
    yield* requireFields(source, ['volumeID'], field);
    yield* validatePartition(source.partition, `${field}.partition`);
  },
  glusterfs: function* (source, field) {
    yield* requireFields(source, ['endpoints', 'path'], field);
    if (source.endpointsNamespace !== undefined)
      yield* validateName(source.endpointsNamespace, checkDnsLabel, `${field}.endpointsNamespace`);
  },
  flocker: validateFlocker,
  nfs: validateNfs,
  rbd: function* ({ monitors, image }, field) {
    if (monitors.length === 0) yield required(`${field}.monitors`);
    if (image === '') yield required(`${field}.image`);
  },
  quobyte: validateQuobyte,
  cephfs: function* ({ monitors }, field) {
    if (monitors.length === 0) yield required(`${field}.monitors`);
  },
  iscsi: validateIscsiVolume,
  cinder: function* (source, field) {
    yield* requireFields(source, ['volumeID'], field);
    yield* validateQualifiedSecret(source.secretRef, field);
  },
  fc: validateFibreChannel,
  flexVolume: validateFlex,
  azureFile: function* (source, field) {
    yield* requireFields(source, ['secretName', 'shareName'], field);
    if (source.secretNamespace === '') yield required(`${field}.secretNamespace`);
  },
  vsphereVolume: (source, field) => requireFields(source, ['volumePath'], field),
  photonPersistentDisk: (source, field) => requireFields(source, ['pdID'], field),
  portworxVolume: (source, field) => requireFields(source, ['volumeID'], field),
  azureDisk: validateAzureDisk,
  scaleIO: (source, field) => requireFields(source, ['gateway', 'system', 'volumeName'], field),
  local: function* (source, field) {
    if (source.path === '') yield required(`${field}.path`);
    else yield* validateNoBacksteps(source.path, `${field}.path`);
  },
  storageos: function* (source, field) {
    yield* validateStorageOs(source, field);
    if (source.secretRef !== undefined && !source.secretRef.namespace) yield required(`${field}.secretRef.namespace`);
  },
  csi: validateCsiVolume,
};

const VOLUME_SOURCES = Object.keys(RULES) as readonly Source[];

// Upstream calls it by the name it had in its first API.
const fieldOf = (source: Source): string => (source === 'gcePersistentDisk' ? 'persistentDisk' : source);

export type VolumePlace = { readonly field: string; readonly name: string };

export function* validateVolumeSource(
  sources: PersistentVolumeSource,
  { field, name }: VolumePlace,
): Generator<FieldError> {
  const [first, ...others] = VOLUME_SOURCES.filter((source) => sources[source] !== undefined);
  if (first === undefined) yield required(field, 'must specify a volume type');
  else yield* validateOne(first, sources, { field: `${field}.${fieldOf(first)}`, name });
  for (const source of others) yield forbidden(`${field}.${source}`, 'may not specify more than 1 volume type');
}

function validateOne<K extends Source>(
  key: K,
  sources: PersistentVolumeSource,
  { field, name }: VolumePlace,
): Iterable<FieldError> {
  const source = sources[key];
  return source === undefined ? [] : RULES[key](source, field, name);
}

/** A volume is in no namespace, so its secret must say where it is. */
function* validateQualifiedSecret(
  secret: SecretReference | ObjectReference | undefined,
  field: string,
): Generator<FieldError> {
  yield* validateSecretRef(secret, field);
  if (secret !== undefined && !secret.namespace) yield required(`${field}.secretRef.namespace`);
}

// The kernel's iSCSI initiator stores both in one fixed field.
const PORTAL_MAX_LENGTH = 64;

function* validateIscsiVolume(
  source: ISCSIPersistentVolumeSource,
  field: string,
  volumeName: string,
): Generator<FieldError> {
  const { targetPortal, initiatorName, secretRef } = source;
  if (initiatorName !== undefined && `${volumeName}:${targetPortal}`.length > PORTAL_MAX_LENGTH)
    yield invalid(
      `${field}.targetportal`,
      targetPortal,
      `Total length of <volume name>:<iscsi.targetPortal> must be under ${PORTAL_MAX_LENGTH} characters if iscsi.initiatorName is specified.`,
    );
  yield* validateIscsi(source, field);
  yield* validateSecretRef(secretRef, field);
}

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function* validateCsiVolume(source: CSIPersistentVolumeSource, field: string): Generator<FieldError> {
  yield* validateDriverName(source.driver, `${field}.driver`);
  if (source.volumeHandle === '') yield required(`${field}.volumeHandle`);
  for (const key of CSI_SECRETS) yield* validateCsiSecret(source[key], `${field}.${key}`);
}

function* validateCsiSecret(secret: SecretReference | undefined, field: string): Generator<FieldError> {
  if (secret === undefined) return;
  const { name = '', namespace = '' } = secret;
  if (name === '') yield required(`${field}.name`);
  else yield* validateName(name, checkDnsSubdomain, `${field}.name`);
  if (namespace === '') yield required(`${field}.namespace`);
  else yield* validateName(namespace, checkDnsLabel, `${field}.namespace`);
}
