/** Validates the annotations that once said, and still may say, what fields of a pod say now. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden, invalid } from '../../meta/field-error.ts';
import type { AppArmorProfile, Pod, PodSpec, SeccompProfile } from '../../types/core-v1.ts';
import { validateDescendingPath } from './paths.ts';
import { containersOf } from './visit.ts';

const MIRROR_POD = 'kubernetes.io/config.mirror';
export const SECCOMP_OF_POD = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_OF_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
export const APP_ARMOR_OF_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

type Annotations = Readonly<Record<string, string>>;

/** The image in the API of a pod that its node runs from a file. */
export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR_POD] !== undefined;

export function* validatePodAnnotations(annotations: Annotations, spec: PodSpec, field: string): Generator<FieldError> {
  const mirror = annotations[MIRROR_POD];
  if (mirror !== undefined && !spec.nodeName)
    yield invalid(`${field}[${MIRROR_POD}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set');
  yield* validateDeletionCost(annotations[DELETION_COST], `${field}[${DELETION_COST}]`);
  for (const [key, value] of Object.entries(annotations)) {
    if (key === SECCOMP_OF_POD || key.startsWith(SECCOMP_OF_CONTAINER))
      yield* validateSeccompName(value, `${field}.${key}`);
    if (key.startsWith(APP_ARMOR_OF_CONTAINER)) yield* validateAppArmorEntry([key, value], spec, field);
  }
}

/** How ready a replica set is to give up this pod: the smaller, the sooner. */
function* validateDeletionCost(cost: string | undefined, field: string): Generator<FieldError> {
  if (cost === undefined) return;
  const isNumber = /^(0|-?[1-9][0-9]{0,9})$/.test(cost) && Math.abs(Number(cost)) <= 2_147_483_647;
  if (!isNumber) yield invalid(field, cost, 'must be a 32bit integer');
}

const SECCOMP_NAMES: readonly string[] = ['runtime/default', 'docker/default', 'unconfined'];
const LOCALHOST = 'localhost/';

function* validateSeccompName(name: string, field: string): Generator<FieldError> {
  if (name.startsWith(LOCALHOST)) yield* validateDescendingPath(name.slice(LOCALHOST.length), field);
  else if (!SECCOMP_NAMES.includes(name)) yield invalid(field, name, 'must be a valid seccomp profile');
}

function* validateAppArmorEntry(
  [key, profile]: readonly [string, string],
  spec: PodSpec,
  field: string,
): Generator<FieldError> {
  const container = key.slice(APP_ARMOR_OF_CONTAINER.length);
  if (![...containersOf(spec, '')].some((place) => place.container.name === container))
    yield invalid(`${field}[${key}]`, container, 'container not found');
  if (profile !== '' && profile !== 'runtime/default' && profile !== 'unconfined' && !profile.startsWith(LOCALHOST))
    yield invalid(`${field}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`);
}

const isOfProfile = (key: string): boolean =>
  key === SECCOMP_OF_POD || key.startsWith(SECCOMP_OF_CONTAINER) || key.startsWith(APP_ARMOR_OF_CONTAINER);

/** Where a field and its old annotation both speak, they must say the same. */
export function* validateAnnotationsAgree(
  annotations: Annotations,
  spec: PodSpec,
  field: string,
): Generator<FieldError> {
  if (!Object.keys(annotations).some(isOfProfile)) return;
  const ofPod = spec.securityContext;
  yield* validateSeccompAgrees(
    annotations[SECCOMP_OF_POD],
    ofPod?.seccompProfile,
    `${field}.securityContext.seccompProfile`,
  );
  for (const { container, field: path } of containersOf(spec, field)) {
    const { seccompProfile, appArmorProfile } = container.securityContext ?? {};
    yield* validateSeccompAgrees(
      annotations[SECCOMP_OF_CONTAINER + container.name],
      seccompProfile,
      `${path}.securityContext.seccompProfile`,
    );
    if (spec.os?.name !== 'windows')
      yield* validateAppArmorAgrees(
        annotations[APP_ARMOR_OF_CONTAINER + container.name],
        appArmorProfile ?? ofPod?.appArmorProfile,
        `${path}.securityContext.appArmorProfile`,
      );
  }
}

function* validateSeccompAgrees(
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
  field: string,
): Generator<FieldError> {
  if (annotation === undefined || profile === undefined) return;
  if (!agrees(annotation, profile.type, ['runtime/default', 'docker/default']))
    yield forbidden(`${field}.type`, 'seccomp type in annotation and field must match');
  else if (profile.type === 'Localhost' && annotation !== LOCALHOST + (profile.localhostProfile ?? ''))
    yield forbidden(`${field}.localhostProfile`, 'seccomp profile in annotation and field must match');
}

function* validateAppArmorAgrees(
  annotation: string | undefined,
  profile: AppArmorProfile | undefined,
  field: string,
): Generator<FieldError> {
  if (annotation === undefined || profile === undefined) return;
  if (!agrees(annotation, profile.type, ['runtime/default']))
    yield forbidden(`${field}.type`, 'apparmor type in annotation and field must match');
  else if (profile.type === 'Localhost' && annotation !== LOCALHOST + (profile.localhostProfile ?? ''))
    yield forbidden(`${field}.localhostProfile`, 'apparmor profile in annotation and field must match');
}

function agrees(annotation: string, type: string, runtimeDefaults: readonly string[]): boolean {
  switch (type) {
    case 'Unconfined':
      return annotation === 'unconfined';
    case 'RuntimeDefault':
      return runtimeDefaults.includes(annotation);
    case 'Localhost':
      return annotation.startsWith(LOCALHOST);
    default:
      return true;
  }
}

/** Annotations that belong to the pod's making and stay as they were made. */
export function* validateAnnotationUpdates(next: Pod, stored: Pod, field: string): Generator<FieldError> {
  const before = stored.metadata.annotations ?? {};
  const after = next.metadata.annotations ?? {};
  if (before === after) return;
  for (const [key, value] of Object.entries(before))
    if (after[key] !== value && isFixed(key))
      yield forbidden(`${field}[${key}]`, `may not remove or update ${nounOf(key)}`);
  for (const key of Object.keys(after))
    if (before[key] === undefined && isFixed(key)) yield forbidden(`${field}[${key}]`, `may not add ${nounOf(key)}`);
}

const isFixed = (key: string): boolean => key === MIRROR_POD || key.startsWith(APP_ARMOR_OF_CONTAINER);
const nounOf = (key: string): string => (key === MIRROR_POD ? 'mirror pod annotation' : 'AppArmor annotations');
