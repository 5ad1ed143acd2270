/** The storage class that every cluster has: directories of the nodes, made when a claim's first pod has a node. */
import { LOCAL_CLASS, LOCAL_PROVISIONER } from '#api/core/volume/local-volumes';
import { isApiError } from '#api/errors';
import { DEFAULT_CLASS_MARKS } from '#api/storage/storage-class';
import type { RequestHandler } from '#api/request';
import { SERVER } from './authz/server-rights.ts';

const [MARK = ''] = DEFAULT_CLASS_MARKS;

/** One that is there stays as it is: an operator may have made another the default. */
export async function offerDefaultStorageClass(within: {
  readonly handle: RequestHandler;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { handle, signal } = within;
  const body = {
    metadata: { name: LOCAL_CLASS, annotations: { [MARK]: 'true' } },
    provisioner: LOCAL_PROVISIONER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  const place = { group: 'storage.k8s.io', version: 'v1', plural: 'storageclasses' };
  try {
    await handle({ ...place, verb: 'create', body, options: {}, user: SERVER, signal });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}
