/** Which objects of its namespace a pod refers to by name: what its node may read. Pure. */
import type * as core from '#api/types/core-v1';

export type PodReferences = { readonly secrets: ReadonlySet<string>; readonly configmaps: ReadonlySet<string> };

// Pods of one template share their spec.
const known = new WeakMap<core.PodSpec, PodReferences>();

export function referencesOf(spec: core.PodSpec): PodReferences {
  let references = known.get(spec);
  if (references === undefined) {
    references = findReferences(spec);
    known.set(spec, references);
  }
  return references;
}

function findReferences(spec: core.PodSpec): PodReferences {
  const containers = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  const environment = containers.flatMap((container) => environmentOf(container as core.Container));
  const files = (spec.volumes ?? []).flatMap(filesOf);
  const pulling = (spec.imagePullSecrets ?? []).map(({ name }): Reference => ({ secret: name }));
  const all = [...environment, ...files, ...pulling];
  return { secrets: named(all.map(({ secret }) => secret)), configmaps: named(all.map(({ configMap }) => configMap)) };
}

type Reference = { readonly secret?: string | undefined; readonly configMap?: string | undefined };

const named = (names: readonly (string | undefined)[]): ReadonlySet<string> =>
  new Set(names.filter((name): name is string => name !== undefined && name !== ''));

function environmentOf({ env = [], envFrom = [] }: core.Container): readonly Reference[] {
  return [
    ...env.map(({ valueFrom }) => ({
      secret: valueFrom?.secretKeyRef?.name,
      configMap: valueFrom?.configMapKeyRef?.name,
    })),
    ...envFrom.map(({ secretRef, configMapRef }) => ({ secret: secretRef?.name, configMap: configMapRef?.name })),
  ];
}

function filesOf({ secret, configMap, projected, csi }: core.Volume): readonly Reference[] {
  return [
    { secret: secret?.secretName, configMap: configMap?.name },
    { secret: csi?.nodePublishSecretRef?.name },
    ...(projected?.sources ?? []).map((source) => ({ secret: source.secret?.name, configMap: source.configMap?.name })),
  ];
}
