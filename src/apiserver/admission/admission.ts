/** Admission: what the cluster's own rules do to a request after it is allowed and before it is validated. */
import { ApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { UserInfo } from '#api/request';
import type { ResourceDefinition } from '#api/resource';

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
  readonly handles: (request: AdmissionRequest) => boolean;
  readonly mutate?: (request: AdmissionRequest) => ApiObject | Promise<ApiObject>;
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>;
};

/** The object as the plugins leave it, with its defaults. */
export async function mutate(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<ApiObject> {
  let admitted = request;
  let complete = true;
  for (const plugin of plugins) {
    if (plugin.mutate === undefined || !plugin.handles(admitted)) continue;
    const mutated = plugin.mutate(admitted);
    const object = mutated instanceof Promise ? await mutated : mutated;
    if (object === admitted.object) continue;
    admitted = { ...admitted, object };
    complete &&= plugin.complete === true;
  }
  return complete ? admitted.object : admitted.definition.applyDefaults(admitted.object);
}

export async function validate(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<void> {
  for (const plugin of plugins) {
    if (plugin.validate === undefined || !plugin.handles(request)) continue;
    const validated = plugin.validate(request);
    if (validated instanceof Promise) await validated;
  }
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
