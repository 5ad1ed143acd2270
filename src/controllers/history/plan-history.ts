/** Decides which controller revision stands for a template, and which old ones are forgotten. */
import { controllerReference } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ApiObject, Unsaved } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { ControllerRevision } from '#api/types/apps-v1';
import type { PodTemplateSpec } from '#api/types/core-v1';
import { templateHash } from '../deployment/plan-template.ts';

/** Which revision a pod is of: its hash in the pods of a daemon set, its name in those of a stateful set. */
export const REVISION_HASH = 'controller-revision-hash';

export type HistoryPlan =
  | { readonly action: 'keep'; readonly current: ControllerRevision }
  /** An old template came back: it becomes the newest. */
  | { readonly action: 'renumber'; readonly current: ControllerRevision }
  | { readonly action: 'create'; readonly revision: number };

/** `revisions`: all of the owner. */
export function planHistory(revisions: readonly ControllerRevision[], template: PodTemplateSpec): HistoryPlan {
  const ordered = revisions.toSorted(byRevision);
  const newest = ordered.at(-1);
  const equal = ordered.findLast((each) => semanticEqual(templateOf(each), template));
  const next = (newest?.revision ?? 0) + 1;
  if (equal === undefined) return { action: 'create', revision: next };
  if (equal === newest) return { action: 'keep', current: equal };
  return { action: 'renumber', current: { ...equal, revision: next } };
}

function byRevision(left: ControllerRevision, right: ControllerRevision): number {
  const difference = (left.revision ?? 0) - (right.revision ?? 0);
  if (difference !== 0) return difference;
  return left.metadata.creationTimestamp < right.metadata.creationTimestamp ? -1 : 1;
}

/** What is forgotten: of those that no pod is of, the oldest beyond the limit. A negative limit forgets nothing. */
export function planForgotten(
  revisions: readonly ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
  limit: number,
): readonly ControllerRevision[] {
  if (limit < 0) return [];
  const idle = revisions.filter((each) => !isLive(each)).toSorted(byRevision);
  return idle.slice(0, Math.max(0, idle.length - limit));
}

export type RevisionOwner = {
  readonly owner: ApiObject & { readonly spec: { readonly template: PodTemplateSpec } };
  readonly type: ResourceType;
  /** The label in which the revision carries its hash. */
  readonly hashLabel: string;
  readonly collisionCount: number;
};

/** `data` is what `kubectl rollout undo` sends as a strategic merge patch. */
export function buildRevision(
  { owner, type, hashLabel, collisionCount }: RevisionOwner,
  revision: number,
): Unsaved<ControllerRevision> {
  const { template } = owner.spec;
  const hash = templateHash(template, collisionCount);
  const { name, namespace = '', annotations } = owner.metadata;
  return {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner, type)],
    },
    data: { spec: { template: sorted({ ...template, $patch: 'replace' }) } },
    revision,
  };
}

/** The template that a revision stands for. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = data as { readonly spec?: { readonly template?: PodTemplateSpec & { readonly $patch?: string } } };
  const { $patch: _directive, ...template } = spec?.template ?? { spec: { containers: [] } };
  return template;
}

/** Keys in order, as upstream writes them: kubectl compares revisions byte by byte. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}
