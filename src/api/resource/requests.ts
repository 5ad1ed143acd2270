/** Requests with upstream's defaults, and without what belongs to features that are off by default. */
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../types/resource-v1.ts';

export function withRequestDefaults(claim: DeviceClaim | undefined): DeviceClaim {
  if (claim?.requests === undefined) return claim ?? {};
  return { ...claim, requests: claim.requests.map(withDefaults) };
}

function withDefaults(request: DeviceRequest): DeviceRequest {
  const { exactly, firstAvailable } = request;
  return {
    ...request,
    ...(exactly === undefined ? {} : { exactly: counted(exactly) }),
    ...(firstAvailable === undefined ? {} : { firstAvailable: firstAvailable.map(counted) }),
  };
}

function counted<T extends ExactDeviceRequest | DeviceSubRequest>(wish: T): T {
  const allocationMode = wish.allocationMode || 'ExactCount';
  const count = allocationMode === 'ExactCount' && !wish.count ? { count: 1 } : {};
  return { ...wish, allocationMode, ...count };
}

/** Tolerations of taints, shares of a capacity, and attributes that must differ. */
export function withoutGatedRequests(claim: DeviceClaim | undefined): DeviceClaim {
  if (claim === undefined) return {};
  const { requests, constraints } = claim;
  return {
    ...claim,
    ...(requests === undefined ? {} : { requests: requests.map(withoutGated) }),
    ...(constraints === undefined ? {} : { constraints: constraints.map(withoutDistinction) }),
  };
}

function withoutGated(request: DeviceRequest): DeviceRequest {
  const { exactly, firstAvailable } = request;
  return {
    ...request,
    ...(exactly === undefined ? {} : { exactly: plain(exactly) }),
    ...(firstAvailable === undefined ? {} : { firstAvailable: firstAvailable.map(plain) }),
  };
}

function plain<T extends ExactDeviceRequest | DeviceSubRequest>(wish: T): T {
  const { tolerations: _tolerations, capacity: _capacity, ...rest } = wish;
  return rest as T;
}

function withoutDistinction({ distinctAttribute: _distinct, ...constraint }: DeviceConstraint): DeviceConstraint {
  return constraint;
}
