/** What takes the place of volumes, hooks and probes where nothing really runs: everything succeeds at once. */
import { ConfigMap } from '#api/core/config-map';
import { Secret } from '#api/core/secret';
import { isApiError } from '#api/errors';
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Client } from '#client/client';
import type { HookRunner, ReferencedObjects, Volumes } from './agent-context.ts';
import type { PodProbes } from './pod-probes.ts';

export const simulatedVolumes: Volumes = {
  setUp: async () => undefined,
  tearDown: async () => undefined,
  mounts: async () => [],
};

export const simulatedHooks: HookRunner = { run: async () => undefined };

const PASSES = { startup: 'Success', readiness: 'Success', liveness: 'Success' } as const;

export const simulatedProbes: PodProbes = {
  verdicts: { get: () => PASSES },
  adopt: () => undefined,
  follow: () => undefined,
  stopPod: () => undefined,
};

/** Objects asked for when they are needed, and not watched: a simulated container never sees them change. */
export function objectsOnDemand(client: Client): ReferencedObjects {
  const find = async <T extends ApiObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    signal: AbortSignal,
  ): Promise<T | undefined> => {
    try {
      return await client.get(type, ref, { signal });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  };
  return {
    of: (_podUid, namespace) => ({
      configMap: (name, signal) => find(ConfigMap, { namespace, name }, signal),
      secret: (name, signal) => find(Secret, { namespace, name }, signal),
    }),
    release: () => undefined,
  };
}
