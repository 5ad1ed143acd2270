/** What a pod's service account adds to its spec: its name, the secrets to pull images with, and the files that lead to the API. Pure. */
import type * as core from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';

const PREFIX = 'kube-api-access-';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const ROOT_CA = 'kube-root-ca.crt';
// A little over an hour: tells tokens that were mounted without asking from those that somebody asked for.
const TOKEN_SECONDS = 3607;
const DEFAULT_MODE = 0o644;

/** The files, and where containers find them. Pods and containers that have no others share the lists. */
export type AccessFiles = { readonly volumes: readonly [core.Volume]; readonly mounts: readonly [core.VolumeMount] };

type Granted = {
  readonly name: string;
  readonly account: core.ServiceAccount;
  /** What pods of the account share, and others for a pod that has a volume of that name. */
  readonly files: AccessFiles;
  readonly otherFiles: () => AccessFiles;
};

/** `suffix` tells the volume from those that the pod's author made. */
export function accessFiles(suffix: (prefix: string) => string): AccessFiles {
  const volume = accessVolume(suffix(PREFIX));
  return deepFreeze({ volumes: [volume], mounts: [mountOf(volume.name)] });
}

export function planAccountAccess(spec: core.PodSpec, granted: Granted): core.PodSpec {
  return withFiles(withPullSecrets(withName(spec, granted.name), granted.account), granted);
}

function withName(spec: core.PodSpec, name: string): core.PodSpec {
  if (spec.serviceAccountName === name && spec.serviceAccount === name) return spec;
  return { ...spec, serviceAccountName: name, serviceAccount: name };
}

function withPullSecrets(spec: core.PodSpec, { imagePullSecrets = [] }: core.ServiceAccount): core.PodSpec {
  if (imagePullSecrets.length === 0 || (spec.imagePullSecrets ?? []).length > 0) return spec;
  return { ...spec, imagePullSecrets };
}

function withFiles(spec: core.PodSpec, { account, files, otherFiles }: Granted): core.PodSpec {
  const { volumes = [], containers, initContainers } = spec;
  if (!wantsFiles(spec, account)) return spec;
  const own = volumes.find(({ name, projected }) => projected !== undefined && name.startsWith(PREFIX));
  const isTaken = volumes.some(({ name }) => name === files.volumes[0].name);
  const added = own === undefined && isTaken ? otherFiles() : files;
  const mounted = mounting(own === undefined ? added.mounts : [mountOf(own.name)]);
  return {
    ...spec,
    volumes: own === undefined ? joined(volumes, added.volumes) : volumes,
    containers: containers.map(mounted),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(mounted) }),
  };
}

function wantsFiles(spec: core.PodSpec, account: core.ServiceAccount): boolean {
  const wanted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return wanted && [...spec.containers, ...(spec.initContainers ?? [])].some(lacksMount);
}

const mountOf = (name: string): core.VolumeMount => ({ name, readOnly: true, mountPath: MOUNT_PATH });

function mounting(mounts: readonly core.VolumeMount[]): (container: core.Container) => core.Container {
  return (container) =>
    lacksMount(container) ? { ...container, volumeMounts: joined(container.volumeMounts, mounts) } : container;
}

const joined = <T>(own: readonly T[] = [], added: readonly T[]): readonly T[] =>
  own.length === 0 ? added : [...own, ...added];

const lacksMount = ({ volumeMounts = [] }: core.Container): boolean =>
  !volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH);

function accessVolume(name: string): core.Volume {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    name,
    projected: {
      defaultMode: DEFAULT_MODE,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: ROOT_CA, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespace] } },
      ],
    },
  };
}
