/** Ways around disks and claims that only one pod may use while another does: to read only, or to end that other pod. */
import type { Pod, Volume } from '#api/types/core-v1';
import { claimsOf } from '#api/core/volume/pod-claims';
import { collide, exclusiveClaims } from '../../plugins/volume-restrictions.ts';
import type { ClusterState } from '../../snapshot/cluster-state.ts';
import { type Refused, type Remedies, type Remedy, withSpec } from '../remedy.ts';

const EFFORT = { readOnly: 3, end: 6 };
const NAMES_AT_MOST = 3;

export const volumesInUse: Remedies = (refused) => [...readOnly(refused), ...endOthers(refused)];

type Use = { readonly pods: readonly Pod[]; readonly what: string };

/** Only where it is enough: who reads it has to do so without writing, too. */
function readOnly({ pod, refuses }: Refused): readonly Remedy[] {
  const change = (each: Pod): Pod => withSpec(each, { volumes: (each.spec.volumes ?? []).map(asReadOnly) });
  if (refuses(change(pod))) return [];
  return [
    { text: 'only read the disk in the pod (readOnly), as those who use it do', effort: EFFORT.readOnly, pod: change },
  ];
}

function asReadOnly(volume: Volume): Volume {
  const { gcePersistentDisk, iscsi, rbd } = volume;
  return {
    ...volume,
    ...(gcePersistentDisk && { gcePersistentDisk: { ...gcePersistentDisk, readOnly: true } }),
    ...(iscsi && { iscsi: { ...iscsi, readOnly: true } }),
    ...(rbd && { rbd: { ...rbd, readOnly: true } }),
  };
}

/** Pods of other namespaces are others' affair. */
function endOthers(refused: Refused): readonly Remedy[] {
  const { namespace } = refused.pod.metadata;
  const uses = [...usesOfDisks(refused), ...usesOfClaims(refused)].filter(({ pods }) => pods.length > 0);
  const ends = [...new Set(uses.flatMap(({ pods }) => pods))];
  if (ends.length === 0 || ends.some(({ metadata }) => metadata.namespace !== namespace)) return [];
  const text = uses.map(({ pods, what }) => `end ${named(pods)}, ${what}`).join(', and ');
  return [{ text, effort: EFFORT.end * ends.length, ends }];
}

function usesOfDisks({ pod, slot, node, state }: Refused): readonly Use[] {
  const { volumes = [] } = pod.spec;
  const pods = state
    .podsAt(slot)
    .filter(({ spec }) => volumes.some((volume) => (spec.volumes ?? []).some((other) => collide(volume, other))));
  return [{ pods, what: `for the disk on node ${node.metadata.name}` }];
}

function usesOfClaims({ pod, state }: Refused): readonly Use[] {
  const { namespace = '' } = pod.metadata;
  return exclusiveClaims(pod, state).map((claim) => ({
    pods: usersOf({ namespace, claim }, state),
    what: `for the claim ${claim}, which only one pod may use`,
  }));
}

function usersOf({ namespace, claim }: { namespace: string; claim: string }, state: ClusterState): readonly Pod[] {
  const count = state.claimUsers.of(namespace, claim);
  const found: Pod[] = [];
  for (let slot = 0; slot < state.slotsEnd && found.length < count; slot++)
    found.push(
      ...state.podsAt(slot).filter((pod) => pod.metadata.namespace === namespace && claimsOf(pod).includes(claim)),
    );
  return found;
}

function named(pods: readonly Pod[]): string {
  const names = pods.map(({ metadata }) => metadata.name).toSorted();
  const more = names.length - NAMES_AT_MOST;
  const listed = names.slice(0, NAMES_AT_MOST).join(', ');
  return `${names.length === 1 ? 'pod' : 'pods'} ${listed}${more > 0 ? ` and ${more} more` : ''}`;
}
