/** A leader's client: it writes only while its user leads. */
import { ApiError } from '#api/errors';
import type { Client } from '../client.ts';
import type { Leadership } from './run-as-leader.ts';

/** Writes fail from the moment leadership is over, and those under way are given up. Reads go on. */
export function fencedClient(client: Client, leadership: Leadership): Client {
  const { signal } = leadership;
  const fenced = async <T>(write: () => Promise<T>): Promise<T> => {
    if (!leadership.isHeld()) throw new ApiError('Conflict', 'Cannot write: the lease is lost, expected to lead');
    return await write();
  };
  return {
    ...client,
    create: (type, object, options) => fenced(() => client.create(type, object, { signal, ...options })),
    update: (type, object, options) => fenced(() => client.update(type, object, { signal, ...options })),
    patch: (type, target, options) => fenced(() => client.patch(type, target, { signal, ...options })),
    delete: (type, ref, options) => fenced(() => client.delete(type, ref, { signal, ...options })),
    deleteCollection: (type, options) => fenced(() => client.deleteCollection(type, { signal, ...options })),
    createSubresource: (type, target, options) =>
      fenced(() => client.createSubresource(type, target, { signal, ...options })),
    updateScale: (type, ref, scale) => fenced(() => client.updateScale(type, ref, scale)),
  };
}
