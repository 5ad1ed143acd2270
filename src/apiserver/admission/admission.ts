/** Admission: what the cluster's own rules do to a request after it is allowed and before it is validated. */
import { ApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { UserInfo } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { kindKey } from '../registry/keys.ts';

/** For a delete, `object` is the stored object. */
export type AdmissionRequest = {
  readonly operation: 'create' | 'update' | 'delete';
  readonly definition: ResourceDefinition;
  readonly subresource?: string | undefined;
  readonly object: ApiObject;
  readonly stored?: ApiObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
};

/**
 * One rule. `mutate` returns the object, changed or not; `validate` throws `ApiError` to refuse it.
 * All mutations run before all validations, each in the order of the list; an update that lost a race runs again from the start.
 */
export type AdmissionPlugin = {
  readonly name: string;
  /** What it adds is complete: nothing of it has defaults that are still to be filled in. */
  readonly complete?: true;
  /** The kinds it is about, as `group/plural`; all unless said. */
  readonly of?: readonly string[];
  /** Which requests about its kinds. */
  readonly handles: (request: AdmissionRequest) => boolean;
  readonly mutate?: (request: AdmissionRequest) => ApiObject | Promise<ApiObject>;
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>;
};

/** The object as the plugins leave it, with its defaults; a promise only if one of them waits. */
export function mutate(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): ApiObject | Promise<ApiObject> {
  const { mutating } = concernedWith(request.definition, plugins);
  return mutateFrom(mutating, { at: 0, admitted: request, complete: true });
}

type Plugins = readonly AdmissionPlugin[];
type Concerned = { readonly among: Plugins; readonly mutating: Plugins; readonly validating: Plugins };

const concerned = new WeakMap<ResourceDefinition, Concerned>();

/** The plugins that are about a kind: few of all, found once instead of with each request. */
function concernedWith(definition: ResourceDefinition, among: Plugins): Concerned {
  const known = concerned.get(definition);
  if (known !== undefined && known.among === among) return known;
  const key = kindKey(definition);
  const about = among.filter(({ of }) => of === undefined || of.includes(key));
  const mutating = about.filter(({ mutate: change }) => change !== undefined);
  const validating = about.filter(({ validate: check }) => check !== undefined);
  const found = { among, mutating, validating };
  concerned.set(definition, found);
  return found;
}

/** How far the plugins have come. */
type Progress = { readonly at: number; readonly admitted: AdmissionRequest; readonly complete: boolean };

function mutateFrom(plugins: readonly AdmissionPlugin[], progress: Progress): ApiObject | Promise<ApiObject> {
  let { admitted, complete } = progress;
  for (let at = progress.at; at < plugins.length; at++) {
    const plugin = plugins[at]!;
    if (plugin.mutate === undefined || !plugin.handles(admitted)) continue;
    const object = plugin.mutate(admitted);
    if (object instanceof Promise) {
      const before = { at, admitted, complete };
      return object.then((mutated) => mutateFrom(plugins, afterPlugin(plugin, before, mutated)));
    }
    ({ admitted, complete } = afterPlugin(plugin, { at, admitted, complete }, object));
  }
  return complete ? admitted.object : admitted.definition.applyDefaults(admitted.object);
}

/** The request about the object as it has become. */
export function withObject(request: AdmissionRequest, object: ApiObject): AdmissionRequest {
  return request.object === object ? request : { ...request, object };
}

function afterPlugin(plugin: AdmissionPlugin, { at, admitted, complete }: Progress, object: ApiObject): Progress {
  if (object === admitted.object) return { at: at + 1, admitted, complete };
  return { at: at + 1, admitted: { ...admitted, object }, complete: complete && plugin.complete === true };
}

/** Throws what the first refusal is, or answers with a promise of it if a plugin waits. */
export function validate(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): void | Promise<void> {
  return validateFrom(concernedWith(request.definition, plugins).validating, request, 0);
}

function validateFrom(plugins: Plugins, request: AdmissionRequest, first: number): void | Promise<void> {
  for (let at = first; at < plugins.length; at++) {
    const plugin = plugins[at]!;
    if (plugin.validate === undefined || !plugin.handles(request)) continue;
    const validated = plugin.validate(request);
    if (validated instanceof Promise) return validated.then(() => validateFrom(plugins, request, at + 1));
  }
  return undefined;
}

/** A refusal in upstream's words: `pods "web" is forbidden: ...`. */
export function admissionForbidden(
  { definition, object }: Pick<AdmissionRequest, 'definition' | 'object'>,
  why: string,
): ApiError {
  const { group, plural } = definition;
  const { name } = object.metadata;
  const qualified = group === '' ? plural : `${plural}.${group}`;
  return new ApiError('Forbidden', `${qualified} ${JSON.stringify(name)} is forbidden: ${why}`, {
    details: { name, ...(group === '' ? {} : { group }), kind: plural },
  });
}

/** Several problems in one sentence, each once, as upstream joins them. */
export function joinedProblems(problems: readonly string[]): string {
  const [first = '', ...others] = new Set(problems);
  return others.length === 0 ? first : `[${[first, ...others].join(', ')}]`;
}
