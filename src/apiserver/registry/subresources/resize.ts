/** `pods/resize`: more or less CPU and memory for containers that run. */
import { validateResize, withSentResources } from '#api/core/pod/resize';
import type { ApiObject } from '#api/object';
import type * as core from '#api/types/core-v1';
import { partSubresource } from './part.ts';

const asPod = (object: ApiObject): core.Pod => object as core.Pod;

export const resizeSubresource = partSubresource(
  { group: '', version: 'v1', kind: 'Pod' },
  {
    subresource: 'resize',
    take: (sent, stored) => withSentResources(asPod(sent), asPod(stored)),
    validateUpdate: (next, stored) => validateResize(asPod(next), asPod(stored)),
  },
);
