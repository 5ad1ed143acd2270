/** What a persistent volume's author should know although the volume is valid. */
import type { PersistentVolume, PersistentVolumeSource } from '../../types/core-v1.ts';
import { termWarnings } from '../outdated-labels.ts';
import { classWarnings } from '../volume/storage-class.ts';

const OUTDATED_SOURCES: readonly (readonly [keyof PersistentVolumeSource, string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

const RECYCLE =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';

export function* volumeWarnings(volume: PersistentVolume): Generator<string> {
  const { spec } = volume;
  yield* classWarnings(volume);
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') yield `spec.persistentVolumeReclaimPolicy: ${RECYCLE}`;
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries())
    yield* termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`);
  for (const [source, message] of OUTDATED_SOURCES) if (spec[source] !== undefined) yield `spec.${source}: ${message}`;
}
