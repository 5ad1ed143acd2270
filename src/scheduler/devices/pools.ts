/** Gathers what drivers publish into pools: of each only the newest generation counts, and only whole ones are drawn from. */
import { matchesNodeSelector } from '#api/core/node-selection';
import type { Node, NodeSelector } from '#api/types/core-v1';
import type { Device, ResourceSlice } from '#api/types/resource-v1';

export type PooledDevice = {
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  readonly slice: ResourceSlice;
};

export type Pool = {
  readonly driver: string;
  readonly name: string;
  readonly slices: readonly ResourceSlice[];
  /** All slices of the generation are there, and no device has the name of another. */
  readonly isWhole: boolean;
};

export function deviceId({ driver, pool, device }: { driver: string; pool: string; device: string }): string {
  return `${driver}/${pool}/${device}`;
}

/** In the order of drivers and pools, so that the same slices give the same choice. */
export function gatherPools(slices: Iterable<ResourceSlice>): readonly Pool[] {
  const byPool = new Map<string, ResourceSlice[]>();
  for (const slice of slices) {
    const key = `${slice.spec.driver} ${slice.spec.pool.name}`;
    const others = byPool.get(key);
    if (others === undefined) byPool.set(key, [slice]);
    else others.push(slice);
  }
  return [...byPool].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, group]) => poolOf(group));
}

function poolOf(group: readonly ResourceSlice[]): Pool {
  const newest = Math.max(...group.map(({ spec }) => spec.pool.generation));
  const slices = group
    .filter(({ spec }) => spec.pool.generation === newest)
    .toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  const { driver = '', pool } = slices[0]?.spec ?? {};
  const names = slices.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name));
  const isWhole = slices.length === pool?.resourceSliceCount && new Set(names).size === names.length;
  return { driver, name: pool?.name ?? '', slices, isWhole };
}

/** Finds the pools that may have something for a node: most are of one node. */
export class PoolIndex {
  readonly #byNode = new Map<string, Pool[]>();
  /** With slices for several nodes. */
  readonly #wide: readonly Pool[];

  constructor(slices: Iterable<ResourceSlice>) {
    const pools = gatherPools(slices);
    const isNarrow = (pool: Pool): boolean => pool.slices.every(({ spec }) => spec.nodeName);
    this.#wide = pools.filter((pool) => !isNarrow(pool));
    for (const pool of pools.filter(isNarrow)) {
      for (const name of new Set(pool.slices.map(({ spec }) => spec.nodeName ?? ''))) {
        const others = this.#byNode.get(name);
        if (others === undefined) this.#byNode.set(name, [pool]);
        else others.push(pool);
      }
    }
  }

  /** Those of the node alone first. */
  on({ metadata: { name } }: Node): readonly Pool[] {
    const own = this.#byNode.get(name) ?? [];
    return this.#wide.length === 0 ? own : [...own, ...this.#wide];
  }
}

/** The devices of a pool that can be used on the node. */
export function devicesOn(node: Node, { driver, name: pool, slices }: Pool): readonly PooledDevice[] {
  return slices
    .filter((slice) => isWithinReach(slice, node))
    .flatMap((slice) =>
      (slice.spec.devices ?? []).map((device) => {
        const id = deviceId({ driver, pool, device: device.name });
        return { id, driver, pool, device, slice };
      }),
    );
}

function isWithinReach({ spec: { nodeName, nodeSelector, allNodes } }: ResourceSlice, node: Node): boolean {
  if (nodeName) return nodeName === node.metadata.name;
  if (nodeSelector !== undefined) return matchesNodeSelector(nodeSelector, node);
  return allNodes === true;
}

/** On which nodes all of these devices can be used; undefined for all. */
export function commonNodes(devices: readonly PooledDevice[], node: Node): NodeSelector | undefined {
  const places = devices.map(({ slice }) => slice.spec);
  if (places.some(({ nodeName }) => nodeName)) {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node.metadata.name] }];
    return { nodeSelectorTerms: [{ matchFields }] };
  }
  const terms = new Map(
    places.flatMap(({ nodeSelector }) =>
      (nodeSelector?.nodeSelectorTerms ?? []).map((term) => [JSON.stringify(term), term] as const),
    ),
  );
  if (terms.size === 0) return undefined;
  // Each slice has one term; all of them must hold.
  const matchExpressions = [...terms.values()].flatMap((term) => term.matchExpressions ?? []);
  const matchFields = [...terms.values()].flatMap((term) => term.matchFields ?? []);
  const term = {
    ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
    ...(matchFields.length === 0 ? {} : { matchFields }),
  };
  return { nodeSelectorTerms: [term] };
}
