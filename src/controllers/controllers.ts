/** All controllers, as flat lists. */
import type { ResourceDefinition } from '#api/resource';
import { certificateApproval } from './certificate-approval/controller.ts';
import { certificateCleaning } from './certificate-cleaning/controller.ts';
import { certificateSigning, type SignCertificate } from './certificate-signing/controller.ts';
import { clusterRoleAggregation } from './cluster-role-aggregation/controller.ts';
import { daemonSet } from './daemon-set/controller.ts';
import { cronJob } from './cron-job/controller.ts';
import { deployment } from './deployment/controller.ts';
import { disruption } from './disruption/controller.ts';
import { staleDisruption } from './disruption/stale.ts';
import { endpointSliceMirroring } from './endpoint-slice-mirroring/controller.ts';
import { endpointSlice } from './endpoint-slice/controller.ts';
import { endpoints } from './endpoints/controller.ts';
import { ephemeralVolume } from './ephemeral-volume/controller.ts';
import type { Controller } from './framework/controller.ts';
import { garbageCollection } from './garbage-collection/controller.ts';
import { job } from './job/controller.ts';
import { jobOrphans } from './job/orphans.ts';
import { loadBalancer } from './load-balancer/controller.ts';
import { namespaceController } from './namespace/controller.ts';
import { nodeLifecycle } from './node-lifecycle/controller.ts';
import { claimBinder } from './persistent-volume/claim-controller.ts';
import { volumeKeeper } from './persistent-volume/volume-controller.ts';
import { podGarbage } from './pod-garbage/controller.ts';
import { replicaSet } from './replicaset/controller.ts';
import { resourceQuota } from './resource-quota/controller.ts';
import { replicationController } from './replication-controller/controller.ts';
import { rootCa } from './root-ca/controller.ts';
import { serviceCidr } from './service-cidr/controller.ts';
import { resourceClaim } from './resource-claim/controller.ts';
import { serviceAccount } from './service-account/controller.ts';
import { statefulSet } from './stateful-set/controller.ts';
import { taintEviction } from './taint-eviction/controller.ts';
import { ttlAfterFinished } from './ttl-after-finished/controller.ts';
import { claimProtection } from './volume-protection/claim-protection.ts';
import { volumeProtection } from './volume-protection/volume-protection.ts';

export type ClusterFacts = {
  /** PEM of the authority that signs the API server's certificate; without it namespaces are not told. */
  readonly authority?: string;
  /** Signs with that authority; without it requests for certificates wait for somebody else. */
  readonly signCertificate?: SignCertificate;
  /** Whether failed revisions of deployments are taken back; they are unless said. */
  readonly automaticRollback?: boolean;
};

/** `kinds`: everything the server knows now. */
export function controllersOfAllKinds(kinds: readonly ResourceDefinition[]): readonly Controller[] {
  return [namespaceController(kinds), garbageCollection(kinds), resourceQuota(kinds), disruption(kinds)];
}

/** All others. */
export function controllersOfOwnKinds({
  authority,
  signCertificate,
  ...options
}: ClusterFacts = {}): readonly Controller[] {
  return [
    deployment(options),
    daemonSet(),
    job(),
    cronJob(),
    ttlAfterFinished,
    jobOrphans,
    replicaSet,
    replicationController,
    endpointSlice(),
    endpointSliceMirroring,
    endpoints(),
    loadBalancer,
    nodeLifecycle(),
    taintEviction(),
    podGarbage(),
    staleDisruption,
    resourceClaim,
    serviceAccount,
    serviceCidr,
    claimBinder,
    ephemeralVolume,
    volumeKeeper,
    claimProtection,
    volumeProtection,
    statefulSet,
    clusterRoleAggregation,
    certificateApproval,
    certificateCleaning,
    ...(authority === undefined ? [] : [rootCa(authority)]),
    ...(signCertificate === undefined ? [] : [certificateSigning(signCertificate)]),
  ];
}
