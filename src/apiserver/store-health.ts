/** Whether the store answers, under the name by which monitoring asks for it. */
import type { Store } from '#store/store';
import type { HealthCheck } from './http/health.ts';

/** The engine is asked, not the memory in front of it. Nothing has this key: the answer costs one look. */
export const storeHealth = (store: Store): HealthCheck => ({
  name: 'etcd',
  check: async () => void (await store.history('/health')),
});
