/** Lays out what claims ask for, one request after the other, each with the alternatives that will do. */
import type {
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
} from '#api/types/resource-v1';

/** One way to meet a request. */
export type Wish = {
  /** `gpu`, or `gpu/large` for an alternative. */
  readonly request: string;
  readonly deviceClass: DeviceClass;
  readonly selectors: readonly DeviceSelector[];
  /** `all`: every device that the selectors select. */
  readonly count: number | 'all';
  /** For those who look after devices: it takes nothing away from others. */
  readonly isAdmin: boolean;
};

export type Requested = {
  readonly claim: ResourceClaim;
  readonly request: string;
  /** The first that can be met counts. */
  readonly alternatives: readonly Wish[];
};

export type FindClass = (name: string) => DeviceClass | undefined;

/** A text says which class is missing. */
export function requestedBy(claims: readonly ResourceClaim[], findClass: FindClass): readonly Requested[] | string {
  const all: Requested[] = [];
  for (const claim of claims) {
    for (const request of claim.spec.devices?.requests ?? []) {
      const alternatives: Wish[] = [];
      for (const [name, wish] of alternativesOf(request)) {
        const deviceClass = findClass(wish.deviceClassName);
        if (deviceClass === undefined) return `request ${name}: device class ${wish.deviceClassName} does not exist`;
        alternatives.push(wishOf(name, wish, deviceClass));
      }
      all.push({ claim, request: request.name, alternatives });
    }
  }
  return all;
}

type AnyWish = ExactDeviceRequest | DeviceSubRequest;

function alternativesOf({
  name,
  exactly,
  firstAvailable = [],
}: DeviceRequest): readonly (readonly [string, AnyWish])[] {
  if (exactly !== undefined) return [[name, exactly]];
  return firstAvailable.map((alternative) => [`${name}/${alternative.name}`, alternative]);
}

function wishOf(request: string, wish: AnyWish, deviceClass: DeviceClass): Wish {
  const { selectors = [], allocationMode, count = 1 } = wish;
  return {
    request,
    deviceClass,
    selectors,
    count: allocationMode === 'All' ? 'all' : count,
    isAdmin: 'adminAccess' in wish && wish.adminAccess === true,
  };
}
