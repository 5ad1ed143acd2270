/** Creates and removes the pods of an owner, and tells of it in the owner's events. */
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { refOf, type ApiObject, type Unsaved } from '#api/object';
import { asError } from '#base/errors';
import type { Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';

/** Returns what went wrong, if anything. */
export async function createPod(
  owner: ApiObject,
  pod: Unsaved<Pod>,
  { client, events }: Context,
): Promise<Error | undefined> {
  try {
    const created = await client.create(Pod, pod);
    const message = `Created pod: ${created.metadata.name}`;
    events.report(owner, { type: 'Normal', reason: 'SuccessfulCreate', message });
    return undefined;
  } catch (error) {
    // Nothing can be created in a namespace that is going away, and nothing needs to be.
    if (isNamespaceTerminating(error)) return undefined;
    const failure = asError(error);
    events.report(owner, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${failure.message}` });
    return failure;
  }
}

/** Returns what went wrong, if anything. A pod that is gone already is no failure. */
export async function removePod(owner: ApiObject, pod: Pod, { client, events }: Context): Promise<Error | undefined> {
  const { name, uid } = pod.metadata;
  try {
    const removed = await unlessMissing(client.delete(Pod, refOf(pod), { preconditions: { uid } }));
    if (removed === undefined) return undefined;
    events.report(owner, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
    return undefined;
  } catch (error) {
    const failure = asError(error);
    events.report(owner, { type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${failure.message}` });
    return failure;
  }
}

export function isNamespaceTerminating(error: unknown): boolean {
  if (!isApiError(error, 'Forbidden')) return false;
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}
