/** `componentstatuses`: whether scheduler, controllers and store are well, checked when somebody asks. */
import { ComponentStatus } from '#api/core/component-status';
import { ApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import type { Store } from '#store/store';
import type { HealthCheck } from './http/health.ts';
import type { VirtualResource } from './registry/resources.ts';
import { selectionOf } from './registry/selection.ts';
import { storeHealth } from './store-health.ts';

const DEFINITION = ComponentStatus as unknown as ResourceDefinition;

export type Components = {
  readonly store: Store;
  /** Beside the store, which clients know under the name of upstream's. */
  readonly components: readonly HealthCheck[];
};

export function componentStatuses({ store, components }: Components): VirtualResource {
  const checks = [...components, { ...storeHealth(store), name: 'etcd-0' }];
  return {
    ...DEFINITION,
    handle: async (request) => {
      const { verb, name = '' } = request;
      if (verb === 'get') {
        const check = checks.find((each) => each.name === name);
        if (check === undefined) throw new ApiError('Unknown', `Component not found: ${name}`);
        return { type: 'object', status: 200, object: await statusOf(check) };
      }
      const { matches = () => true } = selectionOf(DEFINITION, request);
      const statuses = await Promise.all(checks.map(statusOf));
      return { type: 'list', list: { resourceVersion: '', items: statuses.filter(matches) } };
    },
  };
}

async function statusOf({ name, check }: HealthCheck): Promise<ApiObject> {
  const { apiVersion, kind } = ComponentStatus;
  const health = await healthOf(check);
  // It was never made: there is no time, and nothing else that the server gives to what it stores.
  const status = { apiVersion, kind, metadata: { name, creationTimestamp: null }, conditions: [health] };
  return status as unknown as ApiObject;
}

async function healthOf(check: HealthCheck['check']): Promise<object> {
  try {
    await check();
    return { type: 'Healthy', status: 'True', message: 'ok' };
  } catch (error) {
    return { type: 'Healthy', status: 'False', message: error instanceof Error ? error.message : String(error) };
  }
}
