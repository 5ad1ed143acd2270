/** Validates where containers mount volumes and find block devices. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid, notFound, notSupported, required } from '../../meta/field-error.ts';
import type { Container, Volume, VolumeDevice, VolumeMount } from '../../types/core-v1.ts';
import { hasBacksteps, validateDescendingPath } from './paths.ts';

export type VolumesByName = ReadonlyMap<string, Volume>;

export function* validateMounts(container: Container, volumes: VolumesByName, field: string): Generator<FieldError> {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const paths = new Set<string>();
  for (const [index, mount] of volumeMounts.entries()) {
    const path = `${field}[${index}]`;
    yield* validateMountTarget(mount, volumes, path);
    if (paths.has(mount.mountPath)) yield invalid(`${path}.mountPath`, mount.mountPath, 'must be unique');
    paths.add(mount.mountPath);
    if (volumeDevices.some(({ name }) => name === mount.name))
      yield invalid(`${path}.name`, mount.name, 'must not already exist in volumeDevices');
    if (volumeDevices.some(({ devicePath }) => devicePath === mount.mountPath))
      yield invalid(`${path}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices');
    yield* validateSubPaths(mount, path, field);
    yield* validatePropagation(mount, container, `${field}.mountPropagation`);
    yield* validateRecursiveReadOnly(mount, `${field}.recursiveReadOnly`);
  }
}

function* validateMountTarget(mount: VolumeMount, volumes: VolumesByName, field: string): Generator<FieldError> {
  if (mount.name === '') yield required(`${field}.name`);
  if (!volumes.has(mount.name)) yield notFound(`${field}.name`, mount.name);
  if (mount.mountPath === '') yield required(`${field}.mountPath`);
}

/** Upstream names the list, not the mount, in errors about the form of sub-paths. */
function* validateSubPaths(mount: VolumeMount, field: string, listField: string): Generator<FieldError> {
  const { subPath = '', subPathExpr = '' } = mount;
  if (subPath !== '') yield* validateDescendingPath(subPath, `${listField}.subPath`);
  if (subPathExpr === '') return;
  if (subPath !== '')
    yield invalid(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive');
  yield* validateDescendingPath(subPathExpr, `${listField}.subPathExpr`);
}

const PROPAGATIONS: readonly string[] = ['Bidirectional', 'HostToContainer', 'None'];

function* validatePropagation(
  { mountPropagation }: VolumeMount,
  { securityContext }: Container,
  field: string,
): Generator<FieldError> {
  if (mountPropagation === undefined) return;
  if (!PROPAGATIONS.includes(mountPropagation)) yield notSupported(field, mountPropagation, PROPAGATIONS);
  if (mountPropagation === 'Bidirectional' && securityContext?.privileged !== true)
    yield forbidden(field, 'Bidirectional mount propagation is available only to privileged containers');
}

const RECURSIVE_READ_ONLY: readonly string[] = ['Disabled', 'Enabled', 'IfPossible'];

function* validateRecursiveReadOnly(mount: VolumeMount, field: string): Generator<FieldError> {
  const { recursiveReadOnly, readOnly = false, mountPropagation = 'None' } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  if (!RECURSIVE_READ_ONLY.includes(recursiveReadOnly)) {
    yield notSupported(field, recursiveReadOnly, RECURSIVE_READ_ONLY);
    return;
  }
  if (!readOnly) yield forbidden(field, 'may only be specified when readOnly is true');
  if (mountPropagation !== 'None')
    yield forbidden(field, 'may only be specified when mountPropagation is None or not specified');
}

export function* validateDevices(container: Container, volumes: VolumesByName, field: string): Generator<FieldError> {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, device] of volumeDevices.entries()) {
    const path = `${field}[${index}]`;
    yield* validateDeviceSource(device, volumes, path);
    if (names.has(device.name)) yield invalid(`${path}.name`, device.name, 'must be unique');
    yield* validateDevicePath(device.devicePath, paths, `${path}.devicePath`);
    yield* validateNotMounted(device, volumeMounts, path);
    if (device.name !== '') names.add(device.name);
  }
}

function* validateDevicePath(devicePath: string, taken: Set<string>, field: string): Generator<FieldError> {
  if (devicePath === '') yield required(field);
  if (taken.has(devicePath)) yield invalid(field, devicePath, 'must be unique');
  if (hasBacksteps(devicePath)) yield invalid(field, devicePath, "can not contain backsteps ('..')");
  else taken.add(devicePath);
}

function* validateNotMounted(
  { name, devicePath }: VolumeDevice,
  mounts: readonly VolumeMount[],
  field: string,
): Generator<FieldError> {
  if (mounts.some((mount) => mount.name === name))
    yield invalid(`${field}.name`, name, 'must not already exist in volumeMounts');
  if (mounts.some(({ mountPath }) => mountPath === devicePath))
    yield invalid(`${field}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts');
}

function* validateDeviceSource({ name }: VolumeDevice, volumes: VolumesByName, field: string): Generator<FieldError> {
  const volume = volumes.get(name);
  if (name === '') yield required(`${field}.name`);
  if (volume === undefined) yield notFound(`${field}.name`, name);
  else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined)
    yield invalid(
      `${field}.name`,
      name,
      'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
    );
}
