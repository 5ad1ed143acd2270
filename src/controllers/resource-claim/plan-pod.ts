/** Decides which claims a pod still lacks, and which it is to be entered in as a user. */
import type { Unsaved } from '#api/object';
import { isDone, isMadeFor, isReservedFor, mayBeReserved, podClaimName } from '#api/resource/pod-claims';
import type { Pod, PodResourceClaim } from '#api/types/core-v1';
import type { ResourceClaim, ResourceClaimTemplate } from '#api/types/resource-v1';
import { buildClaim, POD_CLAIM } from './build-claim.ts';

export type PodSnapshot = {
  readonly pod: Pod;
  /** Those that it owns, and those that it names. */
  readonly claims: readonly ResourceClaim[];
  readonly templates: readonly ResourceClaimTemplate[];
};

export type ClaimWork =
  | { readonly act: 'create'; readonly podClaim: string; readonly claim: Unsaved<ResourceClaim> }
  /** It is there, and the pod does not know yet. */
  | { readonly act: 'note'; readonly podClaim: string; readonly name: string }
  | { readonly act: 'fail'; readonly podClaim: string; readonly problem: string };

export type PodPlan = {
  readonly work: readonly ClaimWork[];
  /** Allocated, and the pod runs somewhere without being entered: it was not scheduled by us. */
  readonly reserve: readonly ResourceClaim[];
};

export function planPod(snapshot: PodSnapshot): PodPlan {
  const { pod, claims } = snapshot;
  if (pod.metadata.deletionTimestamp !== undefined || isDone(pod)) return { work: [], reserve: [] };
  const podClaims = pod.spec.resourceClaims ?? [];
  const work = podClaims.map((each) => planClaim(snapshot, each)).filter((each) => each !== undefined);
  if (!pod.spec.nodeName || work.length > 0) return { work, reserve: [] };
  const used = podClaims.map((each) => usedClaim(snapshot, each)).filter((each) => each !== undefined);
  const unentered = used.filter(
    (claim) => claim.status?.allocation !== undefined && !isReservedFor(pod, claim) && mayBeReserved(claim),
  );
  return { work, reserve: claims.length === 0 ? [] : unentered };
}

function planClaim(snapshot: PodSnapshot, podClaim: PodResourceClaim): ClaimWork | undefined {
  const { pod, claims, templates } = snapshot;
  const { name, resourceClaimTemplateName } = podClaim;
  if (resourceClaimTemplateName === undefined || isSettled(snapshot, podClaim)) return undefined;
  // Made before, and not noted: whoever did it was interrupted.
  const made = claims.find((claim) => isMadeFor(pod, claim) && claim.metadata.annotations?.[POD_CLAIM] === name);
  if (made !== undefined) return { act: 'note', podClaim: name, name: made.metadata.name };
  const template = templates.find(({ metadata }) => metadata.name === resourceClaimTemplateName);
  if (template !== undefined) return { act: 'create', podClaim: name, claim: buildClaim(pod, podClaim, template) };
  const quoted = JSON.stringify(resourceClaimTemplateName);
  const problem = `resource claim template ${quoted}: resourceclaimtemplate.resource.k8s.io ${quoted} not found`;
  return { act: 'fail', podClaim: name, problem };
}

/** The pod knows its claim and it is there, or it needs none. */
function isSettled(snapshot: PodSnapshot, podClaim: PodResourceClaim): boolean {
  const found = podClaimName(snapshot.pod, podClaim);
  if ('problem' in found) return false;
  return found.name === undefined || usedClaim(snapshot, podClaim) !== undefined;
}

function usedClaim({ pod, claims }: PodSnapshot, podClaim: PodResourceClaim): ResourceClaim | undefined {
  const found = podClaimName(pod, podClaim);
  if ('problem' in found || found.name === undefined) return undefined;
  const { name, isOwn } = found;
  return claims.find((claim) => claim.metadata.name === name && (!isOwn || isMadeFor(pod, claim)));
}
