/** Keeps the controller revisions of an owner: the one of its template is there and the newest, old ones go. */
import { ControllerRevision } from '#api/apps/controller-revision';
import { isApiError } from '#api/errors';
import { selectorFrom } from '#api/meta/label-selector';
import { controllerOf } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import { refOf, type ApiObject } from '#api/object';
import type { LabelSelector } from '#api/types/meta-v1';
import type { Context } from '../framework/controller.ts';
import { claim, unlessMissing } from '../ownership/claim.ts';
import { claimable } from '../ownership/owner-keys.ts';
import { buildRevision, planHistory, templateOf, type RevisionOwner } from './plan-history.ts';

export type History = {
  readonly current: ControllerRevision;
  /** With the current one. */
  readonly revisions: readonly ControllerRevision[];
};

type Selecting = RevisionOwner & { readonly owner: { readonly spec: { readonly selector: LabelSelector } } };

/** A text when the name of the new revision is taken by something else: the next one takes another. */
export async function keepHistory(request: Selecting, context: Context): Promise<History | 'collision'> {
  const { owner, type } = request;
  const revisions = await claim<ApiObject, ControllerRevision>(
    {
      owner,
      ownerType: type,
      type: ControllerRevision,
      selector: selectorFrom(owner.spec.selector),
      objects: claimable(ControllerRevision, owner, context),
    },
    context,
  );
  const plan = planHistory(revisions, owner.spec.template);
  if (plan.action === 'keep') return { current: plan.current, revisions };
  const current =
    plan.action === 'renumber'
      ? await context.client.update(ControllerRevision, plan.current)
      : await createRevision(request, plan.revision, context);
  if (current === undefined) return 'collision';
  const others = revisions.filter(({ metadata }) => metadata.uid !== current.metadata.uid);
  return { current, revisions: [...others, current] };
}

async function createRevision(
  request: RevisionOwner,
  revision: number,
  context: Context,
): Promise<ControllerRevision | undefined> {
  const wanted = buildRevision(request, revision);
  try {
    return await context.client.create(ControllerRevision, wanted);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
    const { namespace, name = '' } = wanted.metadata;
    const existing = await context.client.get(ControllerRevision, { namespace, name });
    const isOurs = controllerOf(existing)?.uid === request.owner.metadata.uid;
    if (!isOurs || !semanticEqual(templateOf(existing), request.owner.spec.template)) return undefined;
    context.informer(ControllerRevision).observe(existing, 'written');
    return existing;
  }
}

export async function forget(revisions: readonly ControllerRevision[], { client }: Context): Promise<void> {
  for (const revision of revisions) await unlessMissing(client.delete(ControllerRevision, refOf(revision)));
}
