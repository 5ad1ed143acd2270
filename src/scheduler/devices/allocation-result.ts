/** Writes down what was chosen for a claim, as its status carries it. */
import type { Node } from '#api/types/core-v1';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  ResourceClaim,
} from '#api/types/resource-v1';
import { isMeant, type Chosen } from './constraints.ts';
import { commonNodes } from './pools.ts';
import type { Requested } from './wishes.ts';

/** What is set up for the devices comes from their class first, then from the claim. */
export function allocationOf(
  claim: ResourceClaim,
  chosen: readonly Chosen[],
  { requested, node }: { readonly requested: readonly Requested[]; readonly node: Node },
): AllocationResult {
  const own = chosen.filter((each) => each.claim === claim);
  const names = [...new Set(own.map(({ request }) => request))];
  const config = [...names.flatMap((name) => configOfClass(claim, name, requested)), ...configOfClaim(claim, names)];
  const nodeSelector = commonNodes(
    own.map(({ from }) => from),
    node,
  );
  return {
    devices: { results: own.map(resultOf), ...(config.length === 0 ? {} : { config }) },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
}

function resultOf({ request, from: { driver, pool, device }, isAdmin }: Chosen): DeviceRequestAllocationResult {
  return { request, driver, pool, device: device.name, ...(isAdmin ? { adminAccess: true } : {}) };
}

function configOfClass(
  claim: ResourceClaim,
  name: string,
  requested: readonly Requested[],
): readonly DeviceAllocationConfiguration[] {
  const wishes = requested.filter((each) => each.claim === claim).flatMap(({ alternatives }) => alternatives);
  const { config = [] } = wishes.find(({ request }) => request === name)?.deviceClass.spec ?? {};
  return config.map((each) => ({ source: 'FromClass', requests: [name], ...each }));
}

function configOfClaim({ spec }: ResourceClaim, names: readonly string[]): readonly DeviceAllocationConfiguration[] {
  return (spec.devices?.config ?? [])
    .filter(
      ({ requests = [] }) => requests.length === 0 || requests.some((name) => names.some((own) => isMeant(name, own))),
    )
    .map((each) => ({ source: 'FromClaim', ...each }));
}
