/** Which cgroup files say a pod's limits, in either version's words. Pure. */
import type { PodResources } from '../isolation.ts';
import type { CgroupLayout } from './cgroup-layout.ts';

export type CgroupWrite = {
  /** Folder of the controller's tree; empty where all share one. */
  readonly controller: string;
  readonly file: string;
  readonly value: string;
};

const USUAL_PERIOD_MICROS = 100_000;

export function planCgroupWrites(resources: PodResources, layout: CgroupLayout): readonly CgroupWrite[] {
  return layout === 'unified' ? planUnified(resources) : planLegacy(resources);
}

function planLegacy(resources: PodResources): readonly CgroupWrite[] {
  const { cpuShares, cpuPeriod, cpuQuota, memoryLimitBytes, pidsLimit } = resources;
  return [
    ...write('cpu', 'cpu.shares', cpuShares),
    ...write('cpu', 'cpu.cfs_period_us', cpuPeriod),
    ...write('cpu', 'cpu.cfs_quota_us', cpuQuota),
    ...write('memory', 'memory.limit_in_bytes', memoryLimitBytes),
    ...write('pids', 'pids.max', unlimitedAsMax(pidsLimit)),
  ];
}

function planUnified(resources: PodResources): readonly CgroupWrite[] {
  const { cpuShares, cpuPeriod, cpuQuota, memoryLimitBytes, pidsLimit } = resources;
  const quota = unlimitedAsMax(cpuQuota);
  return [
    ...write('', 'cpu.weight', cpuShares === undefined ? undefined : weightOfShares(cpuShares)),
    ...write('', 'cpu.max', quota === undefined ? undefined : `${quota} ${cpuPeriod ?? USUAL_PERIOD_MICROS}`),
    ...write('', 'memory.max', unlimitedAsMax(memoryLimitBytes)),
    ...write('', 'pids.max', unlimitedAsMax(pidsLimit)),
  ];
}

/** Version 1 counts shares from 2 to 262144, version 2 weighs from 1 to 10000; this is the mapping every runtime uses. */
export function weightOfShares(shares: number): number {
  const bounded = Math.min(Math.max(shares, 2), 262_144);
  return 1 + Math.floor(((bounded - 2) * 9_999) / 262_142);
}

function unlimitedAsMax(value: number | undefined): number | string | undefined {
  return value !== undefined && value < 0 ? 'max' : value;
}

function write(controller: string, file: string, value: number | string | undefined): readonly CgroupWrite[] {
  return value === undefined ? [] : [{ controller, file, value: String(value) }];
}
