/** Whether a node can give a pod the devices that it claims: every choice there is, one after the other. */
import { matchesNodeSelector } from '#api/core/node-selection';
import type { Node } from '#api/types/core-v1';
import type {
  Device,
  DeviceAttribute,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceSlice,
} from '#api/types/resource-v1';

export type ReferenceDevices = {
  readonly slices: readonly ResourceSlice[];
  /** The selectors of each class, by its name. */
  readonly classes: Readonly<Record<string, readonly DeviceSelector[]>>;
  /** `DRIVER/POOL/DEVICE` of those that somebody uses. */
  readonly used: ReadonlySet<string>;
  /** What an expression says of a device. */
  readonly selects: (expression: string, device: Device) => boolean;
};

type Found = { readonly id: string; readonly driver: string; readonly device: Device };
type Given = Found & { readonly claim: ResourceClaim; readonly request: string; readonly isAdmin: boolean };
type AnyRequest = ExactDeviceRequest | DeviceSubRequest;

/** One way to give everything, or nothing when there is none. */
export function giveDevices(
  world: ReferenceDevices,
  claims: readonly ResourceClaim[],
  node: Node,
): readonly Given[] | undefined {
  const requests = claims.flatMap((claim) =>
    (claim.spec.devices?.requests ?? []).map((request) => ({ claim, request })),
  );
  let ways: readonly (readonly Given[])[] = [[]];
  for (const { claim, request } of requests)
    ways = ways
      .flatMap((so) => waysToMeet(world, { claim, request, node }).map((more) => [...so, ...more]))
      .filter(isSound);
  return ways[0];
}

type Asked = { readonly claim: ResourceClaim; readonly request: DeviceRequest; readonly node: Node };

function waysToMeet(world: ReferenceDevices, { claim, request, node }: Asked): readonly (readonly Given[])[] {
  const { name, exactly, firstAvailable = [] } = request;
  const alternatives: readonly (readonly [string, AnyRequest])[] =
    exactly === undefined ? firstAvailable.map((each) => [`${name}/${each.name}`, each] as const) : [[name, exactly]];
  return alternatives.flatMap(([full, wish]) =>
    waysOf(world, wish, node).map((way) => way.map((found) => given(found, full, wish))),
  );

  function given(found: Found, full: string, wish: AnyRequest): Given {
    return { ...found, claim, request: full, isAdmin: isAdmin(wish) };
  }
}

const isAdmin = (wish: AnyRequest): boolean => 'adminAccess' in wish && wish.adminAccess === true;

function waysOf(world: ReferenceDevices, wish: AnyRequest, node: Node): readonly (readonly Found[])[] {
  const selectors = [...(world.classes[wish.deviceClassName] ?? []), ...(wish.selectors ?? [])];
  const suits = ({ device }: Found): boolean =>
    selectors.every(({ cel }) => cel !== undefined && world.selects(cel.expression, device));
  const isFree = ({ id }: Found): boolean => isAdmin(wish) || !world.used.has(id);
  const { whole, broken } = devicesAt(world.slices, node);
  const suited = whole.filter(suits);
  if (wish.allocationMode !== 'All') return subsets(suited.filter(isFree), wish.count ?? 1);
  return broken || suited.length === 0 || !suited.every(isFree) ? [] : [suited];
}

/** Those of pools that are known as a whole; and whether there are others. */
function devicesAt(
  slices: readonly ResourceSlice[],
  node: Node,
): { readonly whole: readonly Found[]; readonly broken: boolean } {
  const whole: Found[] = [];
  let broken = false;
  for (const name of new Set(slices.map(poolOf))) {
    const pool = slices.filter((slice) => poolOf(slice) === name);
    const newest = pool.filter(({ spec }) => pool.every((other) => other.spec.pool.generation <= spec.pool.generation));
    const names = newest.flatMap(({ spec }) => (spec.devices ?? []).map((device) => device.name));
    const isWhole = newest.length === newest[0]?.spec.pool.resourceSliceCount && new Set(names).size === names.length;
    const here = newest.filter((slice) => reaches(slice, node)).flatMap(foundIn);
    if (isWhole) whole.push(...here);
    else if (here.length > 0) broken = true;
  }
  return { whole, broken };
}

const poolOf = ({ spec }: ResourceSlice): string => `${spec.driver}/${spec.pool.name}`;

const foundIn = (slice: ResourceSlice): readonly Found[] =>
  (slice.spec.devices ?? []).map((device) => ({
    id: `${poolOf(slice)}/${device.name}`,
    driver: slice.spec.driver,
    device,
  }));

const reaches = ({ spec: { nodeName, nodeSelector, allNodes } }: ResourceSlice, node: Node): boolean =>
  nodeName === undefined
    ? allNodes === true || (nodeSelector !== undefined && matchesNodeSelector(nodeSelector, node))
    : nodeName === node.metadata.name;

function subsets<T>(all: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return all.flatMap((first, index) => subsets(all.slice(index + 1), count - 1).map((rest) => [first, ...rest]));
}

/** No device goes to two, and what must be the same is. */
function isSound(all: readonly Given[]): boolean {
  const own = all.filter((each) => !each.isAdmin).map(({ id }) => id);
  if (new Set(own).size < own.length) return false;
  return [...new Set(all.map(({ claim }) => claim))].every((claim) =>
    (claim.spec.devices?.constraints ?? []).every((constraint) =>
      agree(
        all.filter((each) => each.claim === claim),
        constraint,
      ),
    ),
  );
}

function agree(all: readonly Given[], { matchAttribute, requests = [] }: DeviceConstraint): boolean {
  if (matchAttribute === undefined) return true;
  const meant = all.filter(
    ({ request }) =>
      requests.length === 0 || requests.some((name) => request === name || request.startsWith(`${name}/`)),
  );
  const values = meant.map(({ device, driver }) => valueOf(device, driver, matchAttribute));
  return !values.includes('') && new Set(values).size <= 1;
}

function valueOf({ attributes = {} }: Device, driver: string, name: string): string {
  const found: DeviceAttribute | undefined = attributes[name] ?? attributes[name.replace(`${driver}/`, '')];
  return found === undefined ? '' : JSON.stringify(found);
}
