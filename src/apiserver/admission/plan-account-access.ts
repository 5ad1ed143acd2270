/** What a pod's service account adds to its spec: its name, the secrets to pull images with, and the files that lead to the API. Pure. */
import type * as core from '#api/types/core-v1';

const PREFIX = 'kube-api-access-';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const ROOT_CA = 'kube-root-ca.crt';
// A little over an hour: tells tokens that were mounted without asking from those that somebody asked for.
const TOKEN_SECONDS = 3607;
const DEFAULT_MODE = 0o644;

type Names = {
  readonly name: string;
  /** Makes up a name for the volume. */
  readonly volume: () => string;
};

export function planAccountAccess(spec: core.PodSpec, account: core.ServiceAccount, names: Names): core.PodSpec {
  return withFiles(withPullSecrets(withName(spec, names.name), account), account, names.volume);
}

function withName(spec: core.PodSpec, name: string): core.PodSpec {
  if (spec.serviceAccountName === name && spec.serviceAccount === name) return spec;
  return { ...spec, serviceAccountName: name, serviceAccount: name };
}

function withPullSecrets(spec: core.PodSpec, { imagePullSecrets = [] }: core.ServiceAccount): core.PodSpec {
  if (imagePullSecrets.length === 0 || (spec.imagePullSecrets ?? []).length > 0) return spec;
  return { ...spec, imagePullSecrets };
}

function withFiles(spec: core.PodSpec, account: core.ServiceAccount, makeName: () => string): core.PodSpec {
  const { volumes = [], containers, initContainers } = spec;
  if (!wantsFiles(spec, account)) return spec;
  const own = volumes.find(({ name, projected }) => projected !== undefined && name.startsWith(PREFIX));
  const name = own?.name ?? makeName();
  return {
    ...spec,
    volumes: own === undefined ? [...volumes, accessVolume(name)] : volumes,
    containers: containers.map(mounting(name)),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(mounting(name)) }),
  };
}

function wantsFiles(spec: core.PodSpec, account: core.ServiceAccount): boolean {
  const wanted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return wanted && [...spec.containers, ...(spec.initContainers ?? [])].some(lacksMount);
}

function mounting(name: string): (container: core.Container) => core.Container {
  const mount: core.VolumeMount = { name, readOnly: true, mountPath: MOUNT_PATH };
  return (container) =>
    lacksMount(container) ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] } : container;
}

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
