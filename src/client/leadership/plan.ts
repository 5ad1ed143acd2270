/** Decides what a candidate does with the lease: take it, keep it, or wait. */
import { formatMicroTime } from '#api/meta/time';
import type { Lease, LeaseSpec } from '#api/types/coordination-v1';

// Upstream's figures for its control plane.
const LEASE_MS = 15_000;
export const RENEW_DEADLINE_MS = 10_000;
export const RETRY_MS = 2_000;

/** What a candidate has seen of the lease, by its own clock: those of others may be wrong. */
export type Sighting = { readonly record: string; readonly atMs: number };

export type LeaseSnapshot = {
  readonly lease: Lease | undefined;
  readonly seen: Sighting | undefined;
  readonly identity: string;
  readonly nowMs: number;
};

export type LeasePlan =
  | { readonly act: 'wait'; readonly seen: Sighting }
  | { readonly act: 'create'; readonly spec: LeaseSpec }
  | { readonly act: 'update'; readonly lease: Lease };

export function planLease(snapshot: LeaseSnapshot): LeasePlan {
  const { lease, identity, nowMs } = snapshot;
  if (lease === undefined) return { act: 'create', spec: specOf(snapshot, { acquireMs: nowMs, transitions: 0 }) };
  const holder = lease.spec?.holderIdentity ?? '';
  const seen = sightingOf(lease, snapshot);
  const isFree = holder === '' || seen.atMs + durationMs(lease) <= nowMs;
  if (holder !== identity && !isFree) return { act: 'wait', seen };
  const spec = { ...lease.spec, ...specOf(snapshot, acquisition(lease, snapshot)) };
  return { act: 'update', lease: { ...lease, spec } };
}

/** The lease given back, so that the next need not wait. */
export function planRelease(lease: Lease, nowMs: number): Lease {
  const now = formatMicroTime(nowMs);
  const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
  return { ...lease, spec };
}

function sightingOf(lease: Lease, { seen, nowMs }: LeaseSnapshot): Sighting {
  const record = JSON.stringify([lease.spec?.holderIdentity, lease.spec?.renewTime]);
  return seen?.record === record ? seen : { record, atMs: nowMs };
}

type Acquisition = { readonly acquireMs?: number; readonly transitions: number };

function acquisition({ spec }: Lease, { identity, nowMs }: LeaseSnapshot): Acquisition {
  const transitions = spec?.leaseTransitions ?? 0;
  return spec?.holderIdentity === identity ? { transitions } : { acquireMs: nowMs, transitions: transitions + 1 };
}

function specOf({ identity, nowMs }: LeaseSnapshot, { acquireMs, transitions }: Acquisition): LeaseSpec {
  return {
    holderIdentity: identity,
    leaseDurationSeconds: LEASE_MS / 1000,
    ...(acquireMs === undefined ? {} : { acquireTime: formatMicroTime(acquireMs) }),
    renewTime: formatMicroTime(nowMs),
    leaseTransitions: transitions,
  };
}

function durationMs({ spec }: Lease): number {
  return (spec?.leaseDurationSeconds ?? LEASE_MS / 1000) * 1000;
}
