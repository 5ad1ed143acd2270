/** Validates the volumes of a pod: names, and exactly one source each. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../meta/names.ts';
import { unlessSoundBefore } from '../../meta/sound-before.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { EmptyDirVolumeSource, HostPathVolumeSource, ISCSIVolumeSource, Volume } from '../../types/core-v1.ts';
import { validateClaimTemplate } from './claim-template.ts';
import type { PodScope } from './scope.ts';
import {
  validateConfigMapSource,
  validateDownwardSource,
  validateProjectedSource,
  validateSecretSource,
} from './file-sources.ts';
import { validatePullPolicy } from './image.ts';
import { validateDescendingPath, validateNoBacksteps } from './paths.ts';
import { readQuantity } from './resources.ts';
import {
  validateAzureDisk,
  validateCsi,
  validateFibreChannel,
  validateFlex,
  validateFlocker,
  validateIscsi,
  validateNfs,
  validatePartition,
  validateQuobyte,
  validateSecretRef,
  validateStorageOs,
} from './storage-sources.ts';

type Source = Exclude<keyof Volume, 'name'>;
type Rule<K extends Source> = (source: NonNullable<Volume[K]>, field: string, scope: PodScope) => Iterable<FieldError>;

/** The rules of each source, in the order in which the first of several counts. */
const RULES: { readonly [K in Source]: Rule<K> } = {
  emptyDir: validateEmptyDir,
  hostPath: validateHostPath,
  gitRepo: function* ({ repository, directory = '' }, field) {
    if (repository === '') yield required(`${field}.repository`);
    yield* validateDescendingPath(directory, `${field}.directory`);
  },
  gcePersistentDisk: function* ({ pdName, partition }, field) {
    if (pdName === '') yield required(`${field}.pdName`);
    yield* validatePartition(partition, `${field}.partition`);
  },
  awsElasticBlockStore: function* ({ volumeID, partition }, field) {
    if (volumeID === '') yield required(`${field}.volumeID`);
    yield* validatePartition(partition, `${field}.partition`);
  },
  secret: validateSecretSource,
  nfs: validateNfs,
  iscsi: validateIscsi,
  glusterfs: (source, field) => requireFields(source, ['endpoints', 'path'], field),
  flocker: validateFlocker,
  persistentVolumeClaim: (source, field) => requireFields(source, ['claimName'], field),
  rbd: function* ({ monitors, image }, field) {
    if (monitors.length === 0) yield required(`${field}.monitors`);
    if (image === '') yield required(`${field}.image`);
  },
  cinder: function* ({ volumeID, secretRef }, field) {
    if (volumeID === '') yield required(`${field}.volumeID`);
    yield* validateSecretRef(secretRef, field);
  },
  cephfs: function* ({ monitors }, field) {
    if (monitors.length === 0) yield required(`${field}.monitors`);
  },
  quobyte: validateQuobyte,
  downwardAPI: validateDownwardSource,
  fc: validateFibreChannel,
  flexVolume: validateFlex,
  configMap: validateConfigMapSource,
  azureFile: (source, field) => requireFields(source, ['secretName', 'shareName'], field),
  vsphereVolume: (source, field) => requireFields(source, ['volumePath'], field),
  photonPersistentDisk: (source, field) => requireFields(source, ['pdID'], field),
  portworxVolume: (source, field) => requireFields(source, ['volumeID'], field),
  azureDisk: validateAzureDisk,
  storageos: validateStorageOs,
  projected: unlessSoundBefore(validateProjectedSource),
  scaleIO: (source, field) => requireFields(source, ['gateway', 'system', 'volumeName'], field),
  csi: validateCsi,
  ephemeral: function* ({ volumeClaimTemplate }, field) {
    if (volumeClaimTemplate === undefined) yield required(`${field}.volumeClaimTemplate`);
    else yield* validateClaimTemplate(volumeClaimTemplate, `${field}.volumeClaimTemplate`);
  },
  image: function* ({ reference = '', pullPolicy }, field, { isPod }) {
    if (isPod && reference === '') yield required(`${field}.reference`);
    yield* validatePullPolicy(pullPolicy, `${field}.pullPolicy`);
  },
};

const SOURCES = Object.keys(RULES) as readonly Source[];

type SoundVolumes = { readonly volumes: readonly Volume[]; readonly byName: ReadonlyMap<string, Volume> };

// Many pods in a row have nothing but the files of their account, in one list for all.
let soundBefore: SoundVolumes | undefined;

/** Returns the sound volumes: mounts may refer to those only. */
export function* validateVolumes(
  volumes: readonly Volume[],
  field: string,
  scope: PodScope,
): Generator<FieldError, ReadonlyMap<string, Volume>> {
  if (soundBefore?.volumes === volumes) return soundBefore.byName;
  const byName = yield* validateAll(volumes, field, scope);
  const isSoundAnywhere = byName.size === volumes.length && volumes.every(({ projected }) => projected !== undefined);
  if (isSoundAnywhere && Object.isFrozen(volumes)) soundBefore = { volumes, byName };
  return byName;
}

function* validateAll(
  volumes: readonly Volume[],
  field: string,
  scope: PodScope,
): Generator<FieldError, ReadonlyMap<string, Volume>> {
  const sound = new Map<string, Volume>();
  for (const [index, volume] of volumes.entries()) {
    const problems = [...validateVolume(volume, `${field}[${index}]`, scope)];
    if (sound.has(volume.name)) problems.push(duplicate(`${field}[${index}].name`, volume.name));
    yield* problems;
    if (problems.length === 0) sound.set(volume.name, volume);
    yield* validateClaimOfOther(volume, volumes, { field: `${field}[${index}]`, podName: scope.name });
  }
  return sound;
}

function* validateVolume(volume: Volume, field: string, scope: PodScope): Generator<FieldError> {
  const [first, ...others] = SOURCES.filter((source) => volume[source] !== undefined);
  if (first === undefined) yield required(field, 'must specify a volume type');
  else yield* validateSource(first, volume, { field: `${field}.${first}`, scope });
  for (const source of others) yield forbidden(`${field}.${source}`, 'may not specify more than 1 volume type');
  if (volume.iscsi !== undefined) yield* validatePortalLength(volume.name, volume.iscsi, field);
  if (volume.ephemeral !== undefined) yield* validateMadeClaimName(volume.name, scope.name, field);
  if (volume.name === '') yield required(`${field}.name`);
  else yield* validateName(volume.name, checkDnsLabel, `${field}.name`);
}

type Place = { readonly field: string; readonly scope: PodScope };

function validateSource<K extends Source>(key: K, volume: Volume, { field, scope }: Place): Iterable<FieldError> {
  const source = volume[key];
  return source === undefined ? [] : RULES[key](source, field, scope);
}

function* validateEmptyDir({ sizeLimit }: EmptyDirVolumeSource, field: string): Generator<FieldError> {
  if (sizeLimit === undefined) return;
  const limit = yield* readQuantity(sizeLimit, `${field}.sizeLimit`);
  if (limit !== undefined && limit.nanos < 0n)
    yield forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity');
}

const HOST_PATH_TYPES: readonly string[] = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export function* validateHostPath({ path, type }: HostPathVolumeSource, field: string): Generator<FieldError> {
  if (path === '') {
    yield required(`${field}.path`);
    return;
  }
  yield* validateNoBacksteps(path, `${field}.path`);
  if (type !== undefined && !HOST_PATH_TYPES.includes(type)) yield notSupported(`${field}.type`, type, HOST_PATH_TYPES);
}

export function* requireFields<T>(
  source: T,
  keys: readonly (keyof T & string)[],
  field: string,
): Generator<FieldError> {
  for (const key of keys) if (!source[key]) yield required(`${field}.${key}`);
}

// The kernel's iSCSI initiator stores both in one fixed field.
const PORTAL_MAX_LENGTH = 64;

function* validatePortalLength(name: string, source: ISCSIVolumeSource, field: string): Generator<FieldError> {
  if (source.initiatorName !== undefined && `${name}:${source.targetPortal}`.length > PORTAL_MAX_LENGTH)
    yield invalid(
      `${field}.name`,
      name,
      `Total length of <volume name>:<iscsi.targetPortal> must be under ${PORTAL_MAX_LENGTH} characters if iscsi.initiatorName is specified.`,
    );
}

const madeClaimName = (podName: string, volumeName: string): string => `${podName}-${volumeName}`;

function* validateMadeClaimName(volume: string, podName: string, field: string): Generator<FieldError> {
  if (podName === '' || volume === '') return;
  const claim = madeClaimName(podName, volume);
  for (const problem of checkDnsSubdomain(claim))
    yield invalid(`${field}.name`, volume, `PVC name ${JSON.stringify(claim)}: ${problem}`);
}

type Claimant = { readonly field: string; readonly podName: string };

function* validateClaimOfOther(
  { persistentVolumeClaim }: Volume,
  volumes: readonly Volume[],
  { field, podName }: Claimant,
): Generator<FieldError> {
  const claim = persistentVolumeClaim?.claimName;
  if (claim === undefined || podName === '') return;
  if (volumes.some(({ ephemeral, name }) => ephemeral !== undefined && madeClaimName(podName, name) === claim))
    yield invalid(
      `${field}.persistentVolumeClaim.claimName`,
      claim,
      'must not reference a PVC that gets created for an ephemeral volume',
    );
}
