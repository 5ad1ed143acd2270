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
  readonly pidOf?: string;
};

/** Throws `ConfigError` when the container may not run as who it would. */
export function containerSecurity(input: SecurityInput): ContainerSecurity {
  const { pod, container } = input;
  const own: SecurityContext = { ...shared(pod.spec.securityContext), ...container.securityContext };
  if (own.runAsNonRoot === true) refuseRoot(input, own.runAsUser);
  const privileged = own.privileged === true;
  const { capabilities = {} } = own;
  return {
    privileged,
    ...present({ runAsUser: own.runAsUser, runAsGroup: own.runAsGroup }),
    ...(own.runAsUser === undefined ? userOf(input.image) : {}),
    supplementalGroups: groupsOf(pod),
    addCapabilities: capabilities.add ?? [],
    dropCapabilities: capabilities.drop ?? [],
    readonlyRootfs: own.readOnlyRootFilesystem === true,
    noNewPrivileges: own.allowPrivilegeEscalation === false && !privileged,
    seccomp: seccomp(privileged ? undefined : own.seccompProfile, input),
    ...(own.procMount === 'Unmasked' ? { maskedPaths: [], readonlyPaths: [] } : {}),
    pid: pidNamespace(pod),
    // Where processes are shared anyway there is nothing to join.
    ...present({ pidOf: pidNamespace(pod) === 'Container' ? input.pidOf : undefined }),
  };
}

/** What a pod's context sets for each of its containers. */
function shared(context: PodSecurityContext = {}): SecurityContext {
  const { runAsUser, runAsGroup, runAsNonRoot, seccompProfile } = context;
  return present({ runAsUser, runAsGroup, runAsNonRoot, seccompProfile });
}

/** The groups of volumes and of the pod. */
export function groupsOf({ spec }: Pod): readonly number[] {
  const { supplementalGroups = [], fsGroup } = spec.securityContext ?? {};
  if (fsGroup === undefined && supplementalGroups.length < 2) return supplementalGroups;
  return [...new Set([...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])])];
}

function pidNamespace({ spec }: Pod): ContainerSecurity['pid'] {
  if (spec.hostPID === true) return 'Node';
  return spec.shareProcessNamespace === true ? 'Pod' : 'Container';
}

function userOf({ uid, username }: SecurityInput['image']): Pick<ContainerSecurity, 'runAsUser' | 'runAsUsername'> {
  return present(uid === undefined ? { runAsUsername: username } : { runAsUser: uid });
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

function seccomp(profile: ApiSeccompProfile | undefined, { seccompDirectory }: SecurityInput): SeccompProfile {
  if (profile?.type === 'RuntimeDefault') return { type: 'RuntimeDefault' };
  if (profile?.type !== 'Localhost') return { type: 'Unconfined' };
  return { type: 'Localhost', path: `${seccompDirectory}/${profile.localhostProfile ?? ''}` };
}
