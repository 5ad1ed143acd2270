/** Which container of a pod a request for logs or a terminal means. Pure. */
import { badRequestError } from '#api/errors';
import type * as core from '#api/types/core-v1';

/** The named container, or the only one; throws `BadRequest` in upstream's words when there is no telling. */
export function containerOf({ metadata, spec }: core.Pod, asked: string | undefined): string {
  const containers = namesOf(spec?.containers);
  const inits = namesOf(spec?.initContainers);
  if (asked !== undefined && asked !== '') {
    if ([...containers, ...inits, ...namesOf(spec?.ephemeralContainers)].includes(asked)) return asked;
    throw badRequestError(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only;
  const choices = `a container name must be specified for pod ${metadata.name}, choose one of: [${containers.join(' ')}]`;
  throw badRequestError(
    inits.length === 0 ? choices : `${choices} or one of the init containers: [${inits.join(' ')}]`,
  );
}

function namesOf(containers: readonly { readonly name: string }[] = []): readonly string[] {
  return containers.map(({ name }) => name);
}
