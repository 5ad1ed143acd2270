/** What the claims of a pod to devices mean for placing it: why it must wait, or what a node must be able to give. */
import { CelError, CelSyntaxError } from '#api/cel/error';
import { matchesNodeSelector } from '#api/core/node-selection';
import { isMadeFor, isReservedFor, mayBeReserved, podClaimName } from '#api/resource/pod-claims';
import type { Node, Pod, PodResourceClaim } from '#api/types/core-v1';
import type { ResourceClaim } from '#api/types/resource-v1';
import { chooseDevices, type Offer } from './allocate.ts';
import type { Chosen } from './constraints.ts';
import { requestedBy, type FindClass, type Requested } from './wishes.ts';

export type DeviceView = {
  readonly claim: (namespace: string, name: string) => ResourceClaim | undefined;
  readonly deviceClass: FindClass;
  /** Whether devices are on their way to the claim with a pod that was placed before. */
  readonly isUnderWay: (claim: ResourceClaim) => boolean;
};

export type PodDevices = {
  /** They have their devices. */
  readonly allocated: readonly ResourceClaim[];
  /** They are yet to get some. */
  readonly open: readonly ResourceClaim[];
  readonly requested: readonly Requested[];
};

/** A text says why no node will do. */
export function planPodDevices(pod: Pod, view: DeviceView): PodDevices | string {
  const claims = claimsFor(pod, view);
  if (typeof claims === 'string') return claims;
  const allocated = claims.filter(({ status }) => status?.allocation !== undefined);
  if (allocated.some((claim) => !isReservedFor(pod, claim) && !mayBeReserved(claim))) return 'resourceclaim in use';
  const open = claims.filter((claim) => !allocated.includes(claim));
  const busy = open.find(view.isUnderWay);
  if (busy !== undefined) return `resource claim ${nameOf(busy)} is in the process of being allocated`;
  const requested = requestedBy(open, view.deviceClass);
  return typeof requested === 'string' ? requested : { allocated, open, requested };
}

/** All of the pod's claims; a text says which is not there, or not for this pod. */
export function claimsFor(pod: Pod, view: Pick<DeviceView, 'claim'>): readonly ResourceClaim[] | string {
  const claims: ResourceClaim[] = [];
  for (const podClaim of pod.spec.resourceClaims ?? []) {
    const found = claimFor(pod, podClaim, view);
    if (typeof found === 'string') return found;
    if (found !== undefined) claims.push(found);
  }
  return claims;
}

function claimFor(
  pod: Pod,
  podClaim: PodResourceClaim,
  view: Pick<DeviceView, 'claim'>,
): ResourceClaim | string | undefined {
  const found = podClaimName(pod, podClaim);
  if ('problem' in found) return found.problem;
  if (found.name === undefined) return undefined;
  const claim = view.claim(pod.metadata.namespace ?? '', found.name);
  const quoted = JSON.stringify(found.name);
  if (claim === undefined) return `resourceclaim.resource.k8s.io ${quoted} not found`;
  if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim ${quoted} is being deleted`;
  if (found.isOwn && !isMadeFor(pod, claim))
    return `ResourceClaim ${nameOf(claim)} was not created for pod ${nameOf(pod)} (pod is not owner)`;
  return claim;
}

const nameOf = ({ metadata: { namespace = '', name } }: Pod | ResourceClaim): string => `${namespace}/${name}`;

const NOT_ON_NODE = 'resourceclaim not available on the node';

/** A text says why the node will not do. */
export function planNodeDevices({ allocated, requested }: PodDevices, offer: Offer): readonly Chosen[] | string {
  if (!allocated.every((claim) => isWithinReach(claim, offer.node))) return NOT_ON_NODE;
  if (requested.length === 0) return [];
  try {
    const choice = chooseDevices(requested, offer);
    if (choice === 'none') return 'cannot allocate all claims';
    return choice === 'gave up' ? 'timed out trying to allocate devices' : choice;
  } catch (error) {
    if (error instanceof CelError) return `CEL runtime error: ${error.message}`;
    // What is stored may have been taken by a server that was less strict.
    if (error instanceof CelSyntaxError) return `CEL compile error: ${error.message}`;
    throw error;
  }
}

export function isWithinReach({ status }: ResourceClaim, node: Node): boolean {
  const selector = status?.allocation?.nodeSelector;
  return selector === undefined || matchesNodeSelector(selector, node);
}
