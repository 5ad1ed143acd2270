/** Decides what becomes of a deployment whose author asks for an earlier revision with an annotation, as clients did before `apps/v1`. Pure. */
import { ROLLBACK_TO } from '#api/apps/rollback-to';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import { inheritedAnnotations, isInherited, revisionOf } from './plan-revision.ts';
import { currentSet, isSameTemplate, withoutHash } from './plan-template.ts';

export type RequestedRollback = {
  /** Without the request, and where that is possible with the template asked for. */
  readonly next: Deployment;
  readonly event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
};

/** Nothing when nothing is asked for, or the bookkeeping of the sets has to come first. */
export function planRequestedRollback(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): RequestedRollback | undefined {
  const asked = deployment.metadata.annotations?.[ROLLBACK_TO];
  if (!asked || deployment.spec.paused === true) return undefined;
  const current = currentSet(deployment, sets);
  if (current === undefined || sets.some((set) => revisionOf(set) > revisionOf(current))) return undefined;
  const revision = Number(asked) || lastRevision(sets);
  const found = sets.find((set) => revision > 0 && revisionOf(set) === revision);
  if (found === undefined) return missing(deployment, Number(asked));
  if (isSameTemplate(found.spec.template, deployment.spec.template)) return unchanged(deployment);
  return rolledBack(deployment, found);
}

/** The one before the highest. */
function lastRevision(sets: readonly ReplicaSet[]): number {
  const [, second = 0] = sets.map(revisionOf).toSorted((left, right) => right - left);
  return second;
}

function missing(deployment: Deployment, asked: number): RequestedRollback {
  const message = asked === 0 ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.';
  const event = { type: 'Warning', reason: 'DeploymentRollbackRevisionNotFound', message } as const;
  return { next: withoutRequest(deployment), event };
}

function unchanged(deployment: Deployment): RequestedRollback {
  const name = JSON.stringify(deployment.metadata.name);
  const message = `The rollback revision contains the same template as current deployment ${name}`;
  const event = { type: 'Warning', reason: 'DeploymentRollbackTemplateUnchanged', message } as const;
  return { next: withoutRequest(deployment), event };
}

function rolledBack(deployment: Deployment, set: ReplicaSet): RequestedRollback {
  const { metadata, spec } = withoutRequest(deployment);
  const own = Object.entries(metadata.annotations ?? {}).filter(([name]) => !isInherited(name));
  const annotations = { ...Object.fromEntries(own), ...inheritedAnnotations(set) };
  const template = withoutHash(set.spec.template);
  const message = `Rolled back deployment ${JSON.stringify(metadata.name)} to revision ${revisionOf(set)}`;
  return {
    next: { ...deployment, metadata: { ...metadata, annotations }, spec: { ...spec, template } },
    event: { type: 'Normal', reason: 'DeploymentRollback', message },
  };
}

function withoutRequest(deployment: Deployment): Deployment {
  const { [ROLLBACK_TO]: _asked, ...annotations } = deployment.metadata.annotations ?? {};
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}
