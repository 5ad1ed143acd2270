/** Holds devices of a claim to what they must have in common. */
import { fullyQualified } from '#api/resource/names';
import type { DeviceAttribute, DeviceConstraint, ResourceClaim } from '#api/types/resource-v1';
import type { PooledDevice } from './pools.ts';

/** A device that was chosen for a request of a claim. */
export type Chosen = {
  readonly claim: ResourceClaim;
  readonly request: string;
  readonly from: PooledDevice;
  readonly isAdmin: boolean;
};

/** Whether the device agrees with those that are chosen for the claim already. */
export function agrees(next: Chosen, chosen: readonly Chosen[]): boolean {
  const constraints = next.claim.spec.devices?.constraints ?? [];
  const others = chosen.filter(({ claim }) => claim === next.claim);
  return constraints.every((constraint) => {
    if (constraint.matchAttribute === undefined || !concerns(constraint, next.request)) return true;
    const value = valueOf(next.from, constraint.matchAttribute);
    if (value === undefined) return false;
    const other = others.find(({ request }) => concerns(constraint, request));
    return other === undefined || valueOf(other.from, constraint.matchAttribute) === value;
  });
}

/** A request is meant by its own name, and its alternatives by that too. */
function concerns({ requests = [] }: DeviceConstraint, request: string): boolean {
  return requests.length === 0 || requests.some((name) => isMeant(name, request));
}

export function isMeant(name: string, request: string): boolean {
  return name === request || request.startsWith(`${name}/`);
}

/** Values of different types are different. */
function valueOf({ driver, device: { attributes = {} } }: PooledDevice, name: string): string | undefined {
  const [found] = Object.entries(attributes).filter(([key]) => fullyQualified(key, driver) === name);
  return found && textOf(found[1]);
}

function textOf({ string, version, bool, int }: DeviceAttribute): string {
  if (string !== undefined) return `string ${string}`;
  if (version !== undefined) return `version ${version}`;
  return bool === undefined ? `int ${String(int)}` : `bool ${bool}`;
}
