/** `pods/ephemeralcontainers`: containers for looking around, added to a pod that runs. */
import { validateEphemeralContainersUpdate, withEphemeralContainers } from '#api/core/pod/ephemeral-containers';
import type { ApiObject } from '#api/object';
import type * as core from '#api/types/core-v1';
import { partSubresource } from './part.ts';

const asPod = (object: ApiObject): core.Pod => object as core.Pod;

export const ephemeralContainersSubresource = partSubresource(
  { group: '', version: 'v1', kind: 'Pod' },
  {
    subresource: 'ephemeralcontainers',
    take: (sent, stored) => withEphemeralContainers(asPod(sent), asPod(stored)),
    validateUpdate: (next, stored) => [...validateEphemeralContainersUpdate(asPod(next), asPod(stored))],
  },
);
