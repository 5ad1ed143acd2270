/** Pods, replica sets and deployments for tests: each shows only what matters to it. */
import type { Deployment, DeploymentSpec, ReplicaSet, ReplicaSetStatus } from '#api/types/apps-v1';
import type { Pod, PodSpec, PodStatus, PodTemplateSpec } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';

export const NAMESPACE = 'default';
export const CREATED = '2026-01-01T00:00:00Z';

export function aMeta(name: string, rest: Partial<ObjectMeta> = {}): ObjectMeta {
  const uid = `uid-of-${name}`;
  return { name, namespace: NAMESPACE, uid, resourceVersion: '1', generation: 1, creationTimestamp: CREATED, ...rest };
}

export function aTemplate(
  image = 'nginx:1',
  labels: Readonly<Record<string, string>> = { app: 'web' },
): PodTemplateSpec {
  return { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
}

type PodParts = {
  readonly name?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly spec?: Partial<PodSpec>;
  readonly status?: PodStatus;
};

export function aPod({ name = 'web-1', meta = {}, spec = {}, status = { phase: 'Running' } }: PodParts = {}): Pod {
  const metadata = aMeta(name, { labels: { app: 'web' }, ...meta });
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...aTemplate().spec, ...spec }, status };
}

/** Running and ready since `since`. */
export function readyStatus(since = CREATED): PodStatus {
  return { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }] };
}

type SetParts = {
  readonly name?: string;
  readonly replicas?: number;
  readonly image?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly status?: Partial<ReplicaSetStatus>;
  readonly minReadySeconds?: number;
};

export function aReplicaSet({
  name = 'web-abc',
  replicas = 3,
  image,
  meta = {},
  status = {},
  minReadySeconds,
}: SetParts = {}): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: aMeta(name, { labels: { app: 'web' }, ...meta }),
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { matchLabels: { app: 'web' } },
      template: aTemplate(image),
    },
    status: { replicas: 0, observedGeneration: 1, ...status },
  };
}

type DeploymentParts = {
  readonly name?: string;
  readonly image?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly spec?: Partial<DeploymentSpec>;
  readonly status?: NonNullable<Deployment['status']>;
};

/** With the defaults that the server would have filled in. */
export function aDeployment({ name = 'web', image, meta = {}, spec = {}, status }: DeploymentParts = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: aMeta(name, meta),
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: aTemplate(image),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}
