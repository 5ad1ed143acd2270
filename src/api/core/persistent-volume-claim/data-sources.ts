/** What a claim's volume starts with: an older and a newer field, which say the same unless the newer looks elsewhere. */
import type { PersistentVolumeClaimSpec, TypedLocalObjectReference } from '../../types/core-v1.ts';

/** A new claim with both fields. The older one has always ignored whatever is neither a claim nor a snapshot. */
export function withDataSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef, ...rest } = spec;
  if (dataSourceRef === undefined) return isClassic(dataSource) ? { ...spec, dataSourceRef: { ...dataSource } } : rest;
  if (dataSource !== undefined || dataSourceRef.namespace) return spec;
  const { namespace: _here, ...source } = dataSourceRef;
  return { ...spec, dataSource: source };
}

function isClassic(source: TypedLocalObjectReference | undefined): source is TypedLocalObjectReference {
  if (source === undefined) return false;
  const { apiGroup = '', kind } = source;
  return (
    (kind === 'PersistentVolumeClaim' && apiGroup === '') ||
    (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io')
  );
}
