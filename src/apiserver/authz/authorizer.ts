/** The place where it is decided who may do what, and the words of a refusal. */
import { ApiError } from '#api/errors';
import { exactField, parseFieldSelector } from '#api/meta/field-selector';
import { SelectorError } from '#api/meta/label-selector';
import type { ApiRequest, UserInfo } from '#api/request';

/** A request for objects; `subresource`, `namespace` and `name` are absent where they do not apply. */
export type ResourceAttributes = {
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly fieldSelector?: string | undefined;
};

/** A request for anything else: health, version, discovery. */
export type PathAttributes = { readonly user: UserInfo; readonly verb: string; readonly path: string };

export type Attributes = ResourceAttributes | PathAttributes;

export type Decision = { readonly allowed: boolean; readonly reason?: string };

export type Authorizer = (attributes: Attributes) => Decision | Promise<Decision>;

export function isPathRequest(attributes: Attributes): attributes is PathAttributes {
  return 'path' in attributes;
}

const OF_MANY = new Set(['list', 'watch', 'deletecollection']);

/** What a request for objects asks for. Whoever selects one name of many asks for that one. */
export function attributesOf(request: ApiRequest): ResourceAttributes {
  const { fieldSelector } = request.options;
  if (fieldSelector === undefined || !OF_MANY.has(request.verb)) return request;
  return { ...request, name: request.name ?? selectedName(fieldSelector), fieldSelector };
}

function selectedName(fieldSelector: string): string | undefined {
  try {
    return exactField(parseFieldSelector(fieldSelector), 'metadata.name');
  } catch (error) {
    if (error instanceof SelectorError) return undefined; // told to the client when it is used
    throw error;
  }
}

/** Throws `Forbidden` unless the authorizer allows it; a promise only if that has to be found out. */
export function requireAllowed(authorize: Authorizer, attributes: Attributes): void | Promise<void> {
  const decision = authorize(attributes);
  if (decision instanceof Promise) return decision.then((found) => requireDecided(found, attributes));
  return requireDecided(decision, attributes);
}

function requireDecided({ allowed, reason }: Decision, attributes: Attributes): void {
  if (!allowed) throw forbiddenError(attributes, reason);
}

function forbiddenError(attributes: Attributes, reason: string | undefined): ApiError {
  const because = reason === undefined ? '' : `: ${reason}`;
  const { user, verb } = attributes;
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  if (isPathRequest(attributes)) {
    return new ApiError('Forbidden', `forbidden: ${who} path ${JSON.stringify(attributes.path)}${because}`, {
      details: {},
    });
  }
  const { group, plural, subresource, namespace, name } = attributes;
  const resource = JSON.stringify(subresource === undefined ? plural : `${plural}/${subresource}`);
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const subject = { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
  const qualified = group === '' ? plural : `${plural}.${group}`;
  return new ApiError(
    'Forbidden',
    `${qualified}${name === undefined ? '' : ` ${JSON.stringify(name)}`} is forbidden: ${who} resource ${resource} in API group ${JSON.stringify(group)} ${where}${because}`,
    { details: subject },
  );
}
