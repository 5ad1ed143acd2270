/** Ways onto nodes that are not where the volumes of the pod can be used: the labels that say they are. */
import { isUsableOn } from '#api/core/volume/matching';
import { storageClassOf } from '#api/core/volume/storage-class';
import type { Node, PersistentVolume, Pod } from '#api/types/core-v1';
import type { StorageClass } from '#api/types/storage-v1';
import { type ClaimedVolume, claimedVolumes } from '../../plugins/pod-volumes.ts';
import { zonesOf } from '../../plugins/volume-zone.ts';
import type { StorageView } from '../../snapshot/storage-view.ts';
import { inQuotes, type Remedies, withLabels } from '../remedy.ts';
import { type LabelEdit, labelsForSelector, relabelled } from './node-labels.ts';

// No label makes a node another one.
const HOSTNAME = 'kubernetes.io/hostname';

export const volumePlaces: Remedies = ({ pod, node, state }) => {
  const edit = labelsForVolumes(pod, node, state.storage);
  const set = Object.entries(edit ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
  if (edit === undefined || set.length === 0 || set.length < Object.keys(edit).length) return [];
  return [
    {
      text: `label node ${node.metadata.name} with ${inQuotes(Object.fromEntries(set))}, if that is where it is: the pod's volumes can be used there only`,
      effort: 4 * set.length,
      node: (each) => withLabels(each, relabelled(each.metadata.labels, edit)),
    },
  ];
};

/** The fewest that do for all volumes, and for those that are yet to be made; undefined when no labels could. */
export function labelsForVolumes(pod: Pod, node: Node, storage: StorageView): LabelEdit | undefined {
  let edit: LabelEdit = {};
  for (const claimed of claimedVolumes(pod, storage)) {
    const labelled = withLabels(node, relabelled(node.metadata.labels, edit));
    const more = labelsFor(claimed, labelled, storage);
    if (more === undefined || HOSTNAME in more) return undefined;
    edit = { ...edit, ...more };
  }
  return edit;
}

function labelsFor({ claim, volume }: ClaimedVolume, node: Node, storage: StorageView): LabelEdit | undefined {
  if (volume !== undefined) return labelsForVolume(volume, node);
  return labelsForClass(storage.storageClass(storageClassOf(claim)), node);
}

function labelsForVolume(volume: PersistentVolume, node: Node): LabelEdit | undefined {
  const { labels = {} } = node.metadata;
  const zones = zonesOf(volume).filter(({ key, values }) => !values.includes(labels[key] ?? ''));
  const ofZones = Object.fromEntries(zones.map(({ key, values }) => [key, values[0]]));
  const moved = withLabels(node, relabelled(labels, ofZones));
  const required = volume.spec.nodeAffinity?.required;
  if (required === undefined || isUsableOn(volume, moved)) return ofZones;
  const ofTerms = labelsForSelector(required, moved);
  return ofTerms && { ...ofZones, ...ofTerms };
}

/** Where a volume of the class may be made. */
function labelsForClass(storageClass: StorageClass | undefined, { metadata }: Node): LabelEdit | undefined {
  const [first, ...others] = storageClass?.allowedTopologies ?? [];
  if (first === undefined) return {};
  const edits = [first, ...others].map(({ matchLabelExpressions = [] }) =>
    Object.fromEntries(
      matchLabelExpressions
        .filter(({ key, values }) => !values.includes(metadata.labels?.[key] ?? ''))
        .map(({ key, values }) => [key, values[0]]),
    ),
  );
  return edits.toSorted((left, right) => Object.keys(left).length - Object.keys(right).length)[0];
}
