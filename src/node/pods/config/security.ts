/** What a container may do: its own security context over its pod's. */
import type { Pod } from '#api/core/pod';
import type {
  Container,
  PodSecurityContext,
  SeccompProfile as ApiSeccompProfile,
  SecurityContext,
} from '#api/types/core-v1';
import type { ContainerSecurity, SeccompProfile } from '../../runtime/isolation.ts';
import type { ImageInfo } from '../../runtime/runtime.ts';
import { present } from '../plan/present.ts';
import { podLabel } from '../plan/format.ts';
import { ConfigError } from './config-error.ts';

export type SecurityInput = {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Pick<ImageInfo, 'uid' | 'username'>;
  /** Where profiles that are named by file are. */
  readonly seccompDirectory: string;
  /** The container whose processes this one shall see. */
  readonly pidOf?: string | undefined;
};

/** Throws `ConfigError` when the container may not run as who it would. */
export function containerSecurity(input: SecurityInput): ContainerSecurity {
  const { pod, container } = input;
  const own = ownContext(pod.spec.securityContext, container.securityContext);
  if (own.runAsNonRoot === true) refuseRoot(input, own.runAsUser);
  const privileged = own.privileged === true;
  const { capabilities } = own;
  const security: Growing<ContainerSecurity> = {
    privileged,
    supplementalGroups: groupsOf(pod),
    addCapabilities: capabilities?.add ?? NO_CAPABILITIES,
    dropCapabilities: capabilities?.drop ?? NO_CAPABILITIES,
    readonlyRootfs: own.readOnlyRootFilesystem === true,
    noNewPrivileges: own.allowPrivilegeEscalation === false && !privileged,
    seccomp: seccomp(privileged ? undefined : own.seccompProfile, input),
    pid: pidNamespace(pod),
  };
  addUser(security, own, input.image);
  unmask(security, own);
  // Where processes are shared anyway there is nothing to join.
  if (input.pidOf !== undefined && security.pid === 'Container') security.pidOf = input.pidOf;
  return security;
}

type Growing<T> = { -readonly [K in keyof T]: T[K] };

const NO_CAPABILITIES: readonly string[] = [];
const NOTHING_SAID: SecurityContext = {};

function ownContext(ofPod: PodSecurityContext | undefined, own: SecurityContext = NOTHING_SAID): SecurityContext {
  // Mostly the pod says nothing.
  for (const _ in ofPod) return { ...shared(ofPod), ...own };
  return own;
}

/** What a pod's context sets for each of its containers. */
function shared(context: PodSecurityContext = {}): SecurityContext {
  const { runAsUser, runAsGroup, runAsNonRoot, seccompProfile } = context;
  return present({ runAsUser, runAsGroup, runAsNonRoot, seccompProfile });
}

const NO_GROUPS: readonly number[] = [];
const NOTHING_SAID_OF_POD: PodSecurityContext = {};

/** The groups of volumes and of the pod. */
export function groupsOf({ spec }: Pod): readonly number[] {
  const { supplementalGroups = NO_GROUPS, fsGroup } = spec.securityContext ?? NOTHING_SAID_OF_POD;
  if (fsGroup === undefined && supplementalGroups.length < 2) return supplementalGroups;
  return [...new Set([...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])])];
}

function pidNamespace({ spec }: Pod): ContainerSecurity['pid'] {
  if (spec.hostPID === true) return 'Node';
  return spec.shareProcessNamespace === true ? 'Pod' : 'Container';
}

function unmask(security: Growing<ContainerSecurity>, { procMount }: SecurityContext): void {
  if (procMount !== 'Unmasked') return;
  security.maskedPaths = [];
  security.readonlyPaths = [];
}

/** The image's where nobody says another. */
function addUser(
  security: Growing<ContainerSecurity>,
  { runAsUser, runAsGroup }: SecurityContext,
  { uid, username }: SecurityInput['image'],
): void {
  const user = runAsUser ?? uid;
  if (user !== undefined) security.runAsUser = user;
  else if (username !== undefined) security.runAsUsername = username;
  if (runAsGroup !== undefined) security.runAsGroup = runAsGroup;
}

function refuseRoot({ pod, container, image }: SecurityInput, runAsUser: number | undefined): void {
  const about = `(pod: ${JSON.stringify(podLabel(pod))}, container: ${container.name})`;
  if (runAsUser !== undefined) {
    if (runAsUser === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${about}`);
    return;
  }
  if (image.username !== undefined && image.username !== '') {
    const who = `container has runAsNonRoot and image has non-numeric user (${image.username})`;
    throw new ConfigError(`${who}, cannot verify user is non-root ${about}`);
  }
  if ((image.uid ?? 0) === 0) {
    throw new ConfigError(`container has runAsNonRoot and image will run as root ${about}`);
  }
}

const UNCONFINED: SeccompProfile = { type: 'Unconfined' };

function seccomp(profile: ApiSeccompProfile | undefined, { seccompDirectory }: SecurityInput): SeccompProfile {
  if (profile?.type === 'RuntimeDefault') return { type: 'RuntimeDefault' };
  if (profile?.type !== 'Localhost') return UNCONFINED;
  return { type: 'Localhost', path: `${seccompDirectory}/${profile.localhostProfile ?? ''}` };
}
