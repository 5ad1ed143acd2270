/** What users do: make, change, delete, drain. */
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { DeleteOptions } from '#client/client';
import type { Acting, Step } from '../scenario.ts';

export const NAMESPACE = 'default';

type Plain = { readonly metadata: { readonly name: string; readonly namespace?: string }; readonly spec?: object };

export const create = <T extends ApiObject>(atSeconds: number, type: ResourceType<T>, object: Plain): Step => ({
  atSeconds,
  act: async ({ admin }) => {
    await admin.create(type, object as never);
  },
});

type Target<T extends ApiObject> = readonly [ResourceType<T>, ObjectRef];

export const change = <T extends ApiObject>(atSeconds: number, target: Target<T>, edit: (object: T) => T): Step => ({
  atSeconds,
  act: async (acting) => await changeNow(acting, target, edit),
});

/** Tried again when somebody else wrote first. */
export async function changeNow<T extends ApiObject>(
  { admin }: Pick<Acting, 'admin'>,
  [type, ref]: Target<T>,
  edit: (object: T) => T,
): Promise<void> {
  for (;;) {
    try {
      await admin.update(type, edit(await admin.get(type, ref)));
      return;
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error;
    }
  }
}

export const remove = <T extends ApiObject>(
  atSeconds: number,
  [type, ref]: Target<T>,
  options: DeleteOptions = {},
): Step => ({
  atSeconds,
  act: async ({ admin }) => {
    await admin.delete(type, ref, options);
  },
});

const EVICT_EVERY_MS = 5_000;

/** Cordons the node and evicts its pods until none is left or `forSeconds` are over. */
export const drain = (atSeconds: number, node: string, forSeconds: number): Step => ({
  atSeconds,
  act: async (acting) => {
    const { admin, world } = acting;
    await changeNow(acting, [Node, { name: node }], (found) => ({
      ...found,
      spec: { ...found.spec, unschedulable: true },
    }));
    const endMs = world.clock.now() + forSeconds * 1_000;
    while (world.clock.now() < endMs) {
      const { items } = await admin.list(Pod, { fieldSelector: `spec.nodeName=${node}` });
      const left = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      for (const { metadata } of left)
        await evict(acting, { namespace: metadata.namespace ?? '', name: metadata.name });
      await world.clock.sleep(EVICT_EVERY_MS);
    }
  },
});

async function evict({ admin }: Acting, ref: ObjectRef): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: ref };
  try {
    await admin.createSubresource(Pod, { ref, subresource: 'eviction', body });
  } catch (error) {
    if (!isApiError(error, 'TooManyRequests', 'NotFound', 'Conflict')) throw error;
  }
}

export const uncordon = (atSeconds: number, node: string): Step =>
  change(atSeconds, [Node, { name: node }], (found) => ({ ...found, spec: { ...found.spec, unschedulable: false } }));

type TemplateParts = {
  readonly cpu?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
};

export const template = (
  app: string,
  image: string,
  { cpu = '100m', annotations = {}, spec = {} }: TemplateParts = {},
) => ({
  metadata: { labels: { app }, annotations },
  spec: { containers: [{ name: 'main', image, resources: { requests: { cpu } } }], ...spec },
});

export const named = (name: string, namespace = NAMESPACE) => ({ namespace, name });

/** Gives the template of a workload another image. */
export function withImage<T extends { readonly spec: { readonly template: { readonly spec?: unknown } } }>(
  image: string,
): (object: T) => T {
  return (object) => {
    const { template: old } = object.spec;
    const pod = old.spec as { readonly containers: readonly object[] };
    const containers = pod.containers.map((container) => ({ ...container, image }));
    return { ...object, spec: { ...object.spec, template: { ...old, spec: { ...pod, containers } } } };
  };
}

export function withReplicas<T extends { readonly spec: { readonly replicas?: number } }>(
  replicas: number,
): (object: T) => T {
  return (object) => ({ ...object, spec: { ...object.spec, replicas } });
}

/** Pods that leave a lost node after so long instead of five minutes. */
export function tolerating(seconds: number): readonly object[] {
  return ['not-ready', 'unreachable'].map((reason) => ({
    key: `node.kubernetes.io/${reason}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: seconds,
  }));
}
