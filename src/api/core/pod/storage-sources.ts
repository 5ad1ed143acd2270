/** Validates volumes that reach storage outside the cluster: network file systems and block devices. */
import type { FieldError } from '../../meta/field-error.ts';
import { invalid, notSupported, required, tooLong } from '../../meta/field-error.ts';
import { byteLength, checkDnsLabel, checkDnsSubdomain, inclusiveRange } from '../../meta/names.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type {
  AzureDiskVolumeSource,
  CSIVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  ISCSIVolumeSource,
  LocalObjectReference,
  NFSVolumeSource,
  QuobyteVolumeSource,
  StorageOSVolumeSource,
} from '../../types/core-v1.ts';

export function* validateNfs({ server, path }: NFSVolumeSource, field: string): Generator<FieldError> {
  if (server === '') yield required(`${field}.server`);
  if (path === '') yield required(`${field}.path`);
  if (!path.startsWith('/')) yield invalid(`${field}.path`, path, 'must be an absolute path');
}

const CSI_DRIVER_MAX_BYTES = 63;

export function* validateDriverName(driver: string, field: string): Generator<FieldError> {
  if (driver === '') yield required(field);
  if (byteLength(driver) > CSI_DRIVER_MAX_BYTES) yield tooLong(field, CSI_DRIVER_MAX_BYTES);
  for (const problem of checkDnsSubdomain(driver.toLowerCase())) yield invalid(field, driver, problem);
}

export function* validateCsi({ driver, nodePublishSecretRef }: CSIVolumeSource, field: string): Generator<FieldError> {
  yield* validateDriverName(driver, `${field}.driver`);
  if (nodePublishSecretRef === undefined) return;
  if (!nodePublishSecretRef.name) yield required(`${field}.nodePublishSecretRef.name`);
  else yield* validateName(nodePublishSecretRef.name, checkDnsSubdomain, `${field}.name`);
}

export function* validatePartition(partition: number | undefined, field: string): Generator<FieldError> {
  if (partition !== undefined && (partition < 0 || partition > 255))
    yield invalid(field, partition, inclusiveRange(1, 255));
}

export function* validateSecretRef(ref: LocalObjectReference | undefined, field: string): Generator<FieldError> {
  if (ref !== undefined && !ref.name) yield required(`${field}.secretRef.name`);
}

export function* validateIscsi(source: ISCSIVolumeSource, field: string): Generator<FieldError> {
  if (source.targetPortal === '') yield required(`${field}.targetPortal`);
  if (source.iqn === '') yield required(`${field}.iqn`);
  else yield* validateInitiator(source.iqn, `${field}.iqn`);
  yield* validateUnitNumber(source.lun, `${field}.lun`);
  if ((source.chapAuthDiscovery === true || source.chapAuthSession === true) && source.secretRef === undefined)
    yield required(`${field}.secretRef`);
  if (source.initiatorName !== undefined) yield* validateInitiator(source.initiatorName, `${field}.initiatorname`);
}

const INITIATORS: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

function* validateInitiator(name: string, field: string): Generator<FieldError> {
  const form = INITIATORS[name.slice(0, 3)];
  if (form === undefined) yield invalid(field, name, 'must be valid format starting with iqn, eui, or naa');
  else if (!form.test(name)) yield invalid(field, name, 'must be valid format');
}

function* validateUnitNumber(lun: number, field: string): Generator<FieldError> {
  if (lun < 0 || lun > 255) yield invalid(field, lun, inclusiveRange(0, 255));
}

export function* validateFibreChannel(
  { targetWWNs = [], wwids = [], lun }: FCVolumeSource,
  field: string,
): Generator<FieldError> {
  if (targetWWNs.length === 0 && wwids.length === 0)
    yield required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both');
  if (targetWWNs.length > 0 && wwids.length > 0)
    yield invalid(`${field}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously');
  if (targetWWNs.length === 0) return;
  if (lun === undefined) yield required(`${field}.lun`, 'lun is required if targetWWNs is specified');
  else yield* validateUnitNumber(lun, `${field}.lun`);
}

export function* validateFlex({ driver, options = {} }: FlexVolumeSource, field: string): Generator<FieldError> {
  if (driver === '') yield required(`${field}.driver`);
  for (const key of Object.keys(options))
    if (/\.(kubernetes|k8s)\.io$/.test(`.${key.split('/')[0]?.toLowerCase()}`))
      yield invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved');
}

export function* validateFlocker(
  { datasetName = '', datasetUUID = '' }: FlockerVolumeSource,
  field: string,
): Generator<FieldError> {
  if (datasetName === '' && datasetUUID === '') yield required(field, 'one of datasetName and datasetUUID is required');
  if (datasetName !== '' && datasetUUID !== '')
    yield invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously');
  if (datasetName.includes('/')) yield invalid(`${field}.datasetName`, datasetName, "must not contain '/'");
}

export function* validateQuobyte(source: QuobyteVolumeSource, field: string): Generator<FieldError> {
  const { registry, tenant = '', volume } = source;
  const form = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') yield required(`${field}.registry`, form);
  else if (tenant.length >= 65)
    yield required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters');
  else
    for (const pair of registry.split(','))
      if (!/^([^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair)) yield invalid(`${field}.registry`, registry, form);
  if (volume === '') yield required(`${field}.volume`);
}

export function* validateStorageOs(source: StorageOSVolumeSource, field: string): Generator<FieldError> {
  const { volumeName = '', volumeNamespace = '', secretRef } = source;
  if (volumeName === '') yield required(`${field}.volumeName`);
  else yield* validateName(volumeName, checkDnsLabel, `${field}.volumeName`);
  if (volumeNamespace !== '') yield* validateName(volumeNamespace, checkDnsLabel, `${field}.volumeNamespace`);
  yield* validateSecretRef(secretRef, field);
}

const CACHING_MODES: readonly string[] = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS: readonly string[] = ['Dedicated', 'Managed', 'Shared'];
const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

export function* validateAzureDisk(source: AzureDiskVolumeSource, field: string): Generator<FieldError> {
  const { diskName, diskURI, cachingMode, kind } = source;
  if (diskName === '') yield required(`${field}.diskName`);
  if (diskURI === '') yield required(`${field}.diskURI`);
  if (cachingMode !== undefined && !CACHING_MODES.includes(cachingMode))
    yield notSupported(`${field}.cachingMode`, cachingMode, CACHING_MODES);
  if (kind !== undefined) yield* validateDiskKind(kind, diskURI, field);
}

function* validateDiskKind(kind: string, diskUri: string, field: string): Generator<FieldError> {
  if (!DISK_KINDS.includes(kind)) yield notSupported(`${field}.kind`, kind, DISK_KINDS);
  const { prefix, form } =
    kind === 'Managed' ? { prefix: '/subscriptions/', form: MANAGED_URI } : { prefix: 'https://', form: BLOB_URI };
  if (!diskUri.startsWith(prefix)) yield notSupported(`${field}.diskURI`, diskUri, [form]);
}
