/** What a create or an update must bring along: an object that agrees with the URL it was sent to. */
import { badRequestError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiRequest } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { ObjectMeta } from '#api/types/meta-v1';

/** A body whose metadata may lack whatever the server fills in. */
export type SentObject = Omit<ApiObject, 'metadata'> & { readonly metadata: Partial<ObjectMeta> };

export function sentObject({ body, namespace }: ApiRequest, definition: ResourceDefinition): SentObject {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequestError(`the object provided is unrecognized (must be of type ${definition.kind})`);
  }
  const said = body as Partial<SentObject>;
  requireSameNamespace(definition, said.metadata?.namespace ?? '', namespace ?? '');
  return isTyped(said, definition) ? said : typed(said, definition);
}

/** Who says of what kind an object is has said it all. */
function isTyped(said: Partial<SentObject>, { apiVersion, kind }: ResourceDefinition): said is SentObject {
  return said.apiVersion === apiVersion && said.kind === kind && Boolean(said.metadata);
}

function typed({ metadata, ...rest }: Partial<SentObject>, { apiVersion, kind }: ResourceDefinition): SentObject {
  return { ...rest, apiVersion, kind, metadata: metadata ?? {} };
}

/** For an update: what is sent says which object it is, and that is the one in the URL. */
export function requireSameName(sent: string | undefined, asked: string): void {
  if (!sent) {
    throw badRequestError(`the name of the object (${asked} based on URL) was undeterminable: name must be provided`);
  }
  requireNoOtherName(sent, asked);
}

/** The name in the body, if there is one, is the name in the URL. */
export function requireNoOtherName(sent: string | undefined, asked: string): void {
  if (sent && sent !== asked)
    throw badRequestError(`the name of the object (${sent}) does not match the name on the URL (${asked})`);
}

export function requireSameNamespace({ namespaced }: ResourceDefinition, sent: string, asked: string): void {
  if (!namespaced || sent === '' || sent === asked) return;
  throw badRequestError('the namespace of the provided object does not match the namespace sent on the request');
}
