/** What `pods/ephemeralcontainers` may change: visitors are added to a pod that exists, and stay as they came. */
import type { FieldError } from '../../meta/field-error.ts';
import { forbidden } from '../../meta/field-error.ts';
import { semanticEqual } from '../../meta/semantic-equal.ts';
import type { Pod } from '../../types/core-v1.ts';
import { isMirror, validateAnnotationUpdates } from './annotations.ts';

/** The stored pod with the ephemeral containers that were sent: nothing else of what was sent counts. */
export function withEphemeralContainers(sent: Pod, stored: Pod): Pod {
  const { ephemeralContainers: _, ...spec } = stored.spec;
  const { ephemeralContainers } = sent.spec;
  return { ...stored, spec: ephemeralContainers === undefined ? spec : { ...spec, ephemeralContainers } };
}

export function* validateEphemeralContainersUpdate(next: Pod, stored: Pod): Generator<FieldError> {
  if (isMirror(stored)) {
    yield forbidden('', 'static pods do not support ephemeral containers');
    return;
  }
  yield* validateAnnotationUpdates(next, stored, 'metadata.annotations');
  const field = 'spec.ephemeralContainers';
  const after = new Map((next.spec.ephemeralContainers ?? []).map((container) => [container.name, container]));
  for (const old of stored.spec.ephemeralContainers ?? []) {
    const kept = after.get(old.name);
    const which = `existing ephemeral containers ${JSON.stringify(old.name)}`;
    if (kept === undefined) yield forbidden(field, `${which} may not be removed\n`);
    else if (!semanticEqual(kept, old)) yield forbidden(field, `${which} may not be changed\n`);
  }
}
