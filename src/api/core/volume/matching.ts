/** Which volumes can serve a claim: what both the controller that binds and the scheduler that chooses a node must agree on. */
import type { PersistentVolume } from '../persistent-volume.ts';
import type { PersistentVolumeClaim } from '../persistent-volume-claim.ts';
import { matchesLabels, selectorFrom } from '../../meta/label-selector.ts';
import { compareQuantityTexts } from '../../meta/quantity-arithmetic.ts';
import type { Node } from '../../types/core-v1.ts';
import { matchesNodeSelector } from '../node-selection.ts';
import { storageClassOf } from './storage-class.ts';

/** Whether the volume is kept for this claim: by name alone until the claim is bound to it. */
export function isKeptFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

/** The one that is kept for the claim, else the smallest that is free and has what the claim asks for. */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node?: Node,
): PersistentVolume | undefined {
  const fitting = volumes.filter((volume) => fits(volume, claim) && (node === undefined || isUsableOn(volume, node)));
  const kept = fitting.filter((volume) => isKeptFor(volume, claim));
  const free = fitting.filter(({ spec, status }) => spec.claimRef === undefined && status?.phase === 'Available');
  const candidates = kept.length > 0 ? kept : free.filter(({ metadata }) => isSelected(metadata.labels, claim));
  return candidates.toSorted(smallestFirst)[0];
}

export function isUsableOn({ spec: { nodeAffinity } }: PersistentVolume, node: Node): boolean {
  return nodeAffinity?.required === undefined || matchesNodeSelector(nodeAffinity.required, node);
}

/** What a claim that asks for a volume by name must find there. */
export function fits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    volume.metadata.deletionTimestamp === undefined &&
    isOfSameKind(volume, claim) &&
    (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode)) &&
    compareQuantityTexts(sizeOf(volume), claim.spec.resources?.requests?.['storage'] ?? '0') >= 0
  );
}

function isOfSameKind(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const attributesOf = ({ spec }: PersistentVolume | PersistentVolumeClaim): string =>
    spec.volumeAttributesClassName ?? '';
  return (
    volume.spec.volumeMode === claim.spec.volumeMode &&
    storageClassOf(volume) === storageClassOf(claim) &&
    attributesOf(volume) === attributesOf(claim)
  );
}

const sizeOf = ({ spec }: PersistentVolume): string => spec.capacity?.['storage'] ?? '0';

function isSelected(labels: Readonly<Record<string, string>> | undefined, { spec }: PersistentVolumeClaim): boolean {
  return spec.selector === undefined || matchesLabels(selectorFrom(spec.selector), labels);
}

function smallestFirst(left: PersistentVolume, right: PersistentVolume): number {
  const bySize = compareQuantityTexts(sizeOf(left), sizeOf(right));
  return bySize !== 0 ? bySize : left.metadata.name < right.metadata.name ? -1 : 1;
}
