/** The kinds that are switched on, in the order discovery lists them. */
import type { ApiObject } from './object.ts';
import type { ResourceDefinition } from './resource.ts';
import { ControllerRevision } from './apps/controller-revision.ts';
import { DaemonSet } from './apps/daemon-set.ts';
import { Deployment } from './apps/deployment.ts';
import { ReplicaSet } from './apps/replica-set.ts';
import { StatefulSet } from './apps/stateful-set.ts';
import { HorizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts';
import { CronJob } from './batch/cron-job.ts';
import { Job } from './batch/job.ts';
import { CertificateSigningRequest } from './certificates/certificate-signing-request.ts';
import { Lease } from './coordination/lease.ts';
import { ConfigMap } from './core/config-map.ts';
import { Endpoints } from './core/endpoints.ts';
import { Event } from './core/event.ts';
import { LimitRange } from './core/limit-range.ts';
import { Namespace } from './core/namespace.ts';
import { Node } from './core/node.ts';
import { PersistentVolume } from './core/persistent-volume.ts';
import { PersistentVolumeClaim } from './core/persistent-volume-claim.ts';
import { Pod } from './core/pod.ts';
import { PodTemplate } from './core/pod-template.ts';
import { ReplicationController } from './core/replication-controller.ts';
import { ResourceQuota } from './core/resource-quota.ts';
import { Secret } from './core/secret.ts';
import { ServiceAccount } from './core/service-account.ts';
import { Service } from './core/service.ts';
import { EndpointSlice } from './discovery/endpoint-slice.ts';
import { PodDisruptionBudget } from './policy/pod-disruption-budget.ts';
import { IngressClass } from './networking/ingress-class.ts';
import { Ingress } from './networking/ingress.ts';
import { IPAddress } from './networking/ip-address.ts';
import { NetworkPolicy } from './networking/network-policy.ts';
import { ServiceCIDR } from './networking/service-cidr.ts';
import { ClusterRole } from './rbac/cluster-role.ts';
import { ClusterRoleBinding } from './rbac/cluster-role-binding.ts';
import { Role } from './rbac/role.ts';
import { RoleBinding } from './rbac/role-binding.ts';
import { DeviceClass } from './resource/device-class.ts';
import { ResourceClaim } from './resource/resource-claim.ts';
import { ResourceClaimTemplate } from './resource/resource-claim-template.ts';
import { ResourceSlice } from './resource/resource-slice.ts';
import { RuntimeClass } from './node/runtime-class.ts';
import { PodGroup } from './scheduling/pod-group.ts';
import { PriorityClass } from './scheduling/priority-class.ts';
import { Workload } from './scheduling/workload.ts';
import { CSIDriver } from './storage/csi-driver.ts';
import { CSINode } from './storage/csi-node.ts';
import { CSIStorageCapacity } from './storage/csi-storage-capacity.ts';
import { StorageClass } from './storage/storage-class.ts';
import { VolumeAttachment } from './storage/volume-attachment.ts';
import { VolumeAttributesClass } from './storage/volume-attributes-class.ts';
import { CustomResourceDefinition } from './extensions/custom-resource-definition.ts';
import { withFormerVersions } from './former/former-versions.ts';

/**
 * A definition of some kind whose type is not known here. The registry only ever hands a definition objects of its
 * own kind, which is what makes this widening sound.
 */
const anyKind = <T extends ApiObject>(definition: ResourceDefinition<T>): ResourceDefinition =>
  definition as unknown as ResourceDefinition;

const SWITCHED_ON: readonly ResourceDefinition[] = [
  anyKind(ConfigMap),
  anyKind(Endpoints),
  anyKind(Event),
  anyKind(LimitRange),
  anyKind(Namespace),
  anyKind(Node),
  anyKind(PersistentVolume),
  anyKind(PersistentVolumeClaim),
  anyKind(Pod),
  anyKind(PodTemplate),
  anyKind(ReplicationController),
  anyKind(ResourceQuota),
  anyKind(Secret),
  anyKind(ServiceAccount),
  anyKind(Service),
  anyKind(Deployment),
  anyKind(ReplicaSet),
  anyKind(StatefulSet),
  anyKind(DaemonSet),
  anyKind(ControllerRevision),
  anyKind(HorizontalPodAutoscaler),
  anyKind(CronJob),
  anyKind(Job),
  anyKind(CertificateSigningRequest),
  anyKind(Lease),
  anyKind(EndpointSlice),
  anyKind(PodDisruptionBudget),
  anyKind(IngressClass),
  anyKind(Ingress),
  anyKind(NetworkPolicy),
  anyKind(ServiceCIDR),
  anyKind(IPAddress),
  anyKind(ClusterRole),
  anyKind(ClusterRoleBinding),
  anyKind(Role),
  anyKind(RoleBinding),
  anyKind(RuntimeClass),
  anyKind(DeviceClass),
  anyKind(ResourceClaim),
  anyKind(ResourceClaimTemplate),
  anyKind(ResourceSlice),
  anyKind(PriorityClass),
  anyKind(PodGroup),
  anyKind(Workload),
  anyKind(CSIDriver),
  anyKind(CSINode),
  anyKind(CSIStorageCapacity),
  anyKind(StorageClass),
  anyKind(VolumeAttachment),
  anyKind(VolumeAttributesClass),
  anyKind(CustomResourceDefinition),
];

export const KINDS: readonly ResourceDefinition[] = Object.freeze(SWITCHED_ON.map(withFormerVersions));
