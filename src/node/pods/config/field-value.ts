/** What a `fieldRef` reads of a pod, for variables and for files. */
import type { Pod } from '#api/core/pod';

const SUBSCRIPT = /^metadata\.(labels|annotations)\['(.*)'\]$/;

export type PodAddresses = { readonly podIps: readonly string[]; readonly hostIps: readonly string[] };

/** Undefined for a path that cannot be read. */
export function fieldValue(pod: Pod, path: string, addresses: PodAddresses): string | undefined {
  const subscript = SUBSCRIPT.exec(path);
  if (subscript === null) return READERS[path]?.(pod, addresses);
  const map = subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
  return map?.[subscript[2] ?? ''] ?? '';
}

type Reader = (pod: Pod, addresses: PodAddresses) => string;

const READERS: Readonly<Record<string, Reader>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
  'metadata.uid': ({ metadata }) => metadata.uid,
  'metadata.labels': ({ metadata }) => lines(metadata.labels),
  'metadata.annotations': ({ metadata }) => lines(metadata.annotations),
  'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  'spec.host': ({ spec }) => spec.nodeName ?? '',
  'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
  'status.podIP': (_pod, { podIps }) => podIps[0] ?? '',
  'status.podIPs': (_pod, { podIps }) => podIps.join(','),
  'status.hostIP': (_pod, { hostIps }) => hostIps[0] ?? '',
  'status.hostIPs': (_pod, { hostIps }) => hostIps.join(','),
};

function lines(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}
