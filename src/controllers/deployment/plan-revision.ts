/** The bookkeeping on replica sets: which revision each is, for how many replicas it was made, and what a new one looks like. */
import { ROLLBACK_TO } from '#api/apps/rollback-to';
import { controllerReference } from '#api/meta/owner-reference';
import type { Unsaved } from '#api/object';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import { boundsOf, MAX_REPLICAS, wantedReplicas } from './plan-size.ts';
import { TEMPLATE_HASH, templateHash } from './plan-template.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** The revision at which all replicas of a set were available. A set that serves another revision later must prove itself anew. */
export const HEALTHY_REVISION = 'tutti.io/healthy-revision';
/** Why the set of the present template is held back. It goes when the template changes, so that the same template may be tried again later. */
export const FAILURE_NOTE = 'tutti.io/failed-revision';

const NOT_INHERITED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  ROLLBACK_TO,
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  HEALTHY_REVISION,
  FAILURE_NOTE,
]);

type Annotations = Readonly<Record<string, string>>;

export function revisionOf({ metadata }: Deployment | ReplicaSet): number {
  const revision = Number(metadata.annotations?.[REVISION] ?? 0);
  return Number.isSafeInteger(revision) ? revision : 0;
}

/** The revision the newest set must have at least: one above all others. */
export function nextRevision(others: readonly ReplicaSet[]): number {
  return Math.max(0, ...others.map(revisionOf)) + 1;
}

/** The current set as it should be: its revision the highest, the deployment's annotations and waiting time taken over. */
export function broughtUpToDate(deployment: Deployment, set: ReplicaSet, revision: number): ReplicaSet {
  const had = set.metadata.annotations ?? {};
  const annotations = { ...had, ...inheritedAnnotations(deployment), ...revisionAnnotations(had, revision) };
  const { minReadySeconds } = deployment.spec;
  const sameWait = (set.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
  if (sameWait && isSame(had, annotations)) return set;
  return {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: sameWait ? set.spec : { ...set.spec, minReadySeconds: minReadySeconds ?? 0 },
  };
}

function revisionAnnotations(had: Annotations, revision: number): Annotations {
  const before = had[REVISION];
  if (before !== undefined && Number(before) >= revision) return {};
  // Rolling back makes an old set the newest: the revisions it served before stay on record.
  const history = before === undefined ? [] : [...(had[REVISION_HISTORY]?.split(',') ?? []), before];
  return {
    [REVISION]: String(revision),
    ...(history.length === 0 ? {} : { [REVISION_HISTORY]: history.filter((each) => each !== '').join(',') }),
  };
}

/** What tells later reconciles for which size of the deployment a set was scaled. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const replicas = wantedReplicas(deployment);
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + boundsOf(deployment).maxSurge),
  };
}

export function resized(deployment: Deployment, set: ReplicaSet, replicas: number): ReplicaSet {
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
  if (wantedReplicas(set) === replicas && isSame(set.metadata.annotations ?? {}, annotations)) return set;
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } };
}

/** True when the set was scaled for another size than the deployment has now. */
export function isScaledForAnotherSize(deployment: Deployment, set: ReplicaSet): boolean {
  const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
  return desired !== undefined && Number(desired) !== wantedReplicas(deployment);
}

type NewSet = { readonly replicas: number; readonly revision: number; readonly collisionCount: number };

export function newReplicaSet(
  deployment: Deployment,
  { replicas, revision, collisionCount }: NewSet,
): Unsaved<ReplicaSet> {
  const { metadata, spec } = deployment;
  const hash = templateHash(spec.template, collisionCount);
  const labels = { ...spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels,
      annotations: {
        ...inheritedAnnotations(deployment),
        [REVISION]: String(revision),
        ...sizeAnnotations(deployment),
      },
      ownerReferences: [controllerReference(deployment, { apiVersion: 'apps/v1', kind: 'Deployment' })],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** Whether an annotation goes from a deployment to its sets, and back when one is asked for again. */
export const isInherited = (name: string): boolean => !NOT_INHERITED.has(name);

export function inheritedAnnotations({ metadata }: Deployment | ReplicaSet): Annotations {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => isInherited(name)));
}

function isSame(left: Annotations, right: Annotations): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
