/** Reads what a cgroup's processes have used, in either version's words. The reading of texts is pure. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupLayout } from './cgroup-layout.ts';

export type CgroupUsage = {
  readonly cpuMicros: number;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
};

export type UsageTexts = { readonly cpu: string; readonly memory: string; readonly memoryStat: string };

const FILES: Readonly<
  Record<'first' | 'second', Readonly<Record<keyof UsageTexts, readonly [controller: string, file: string]>>>
> = {
  first: {
    cpu: ['cpuacct', 'cpuacct.usage'],
    memory: ['memory', 'memory.usage_in_bytes'],
    memoryStat: ['memory', 'memory.stat'],
  },
  second: { cpu: ['', 'cpu.stat'], memory: ['', 'memory.current'], memoryStat: ['', 'memory.stat'] },
};

/** Undefined when the cgroup is gone. Synchronous: these files are answered by the kernel at once, without a disk. */
export function readCgroupUsage(root: string, cgroup: string, layout: CgroupLayout): CgroupUsage | undefined {
  const files = FILES[layout === 'unified' ? 'second' : 'first'];
  const read = ([controller, file]: readonly [string, string]): string =>
    readFileSync(join(root, controller, cgroup, file), 'utf8');
  try {
    return decodeUsage(
      { cpu: read(files.cpu), memory: read(files.memory), memoryStat: read(files.memoryStat) },
      layout,
    );
  } catch (error) {
    // ENODEV: the cgroup went away between opening and reading.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENODEV'))
      return undefined;
    throw error;
  }
}

export function decodeUsage(texts: UsageTexts, layout: CgroupLayout): CgroupUsage {
  const unified = layout === 'unified';
  const memoryUsageBytes = Number(texts.memory);
  const inactive = field(texts.memoryStat, unified ? 'inactive_file' : 'total_inactive_file');
  return {
    cpuMicros: unified ? field(texts.cpu, 'usage_usec') : Math.floor(Number(texts.cpu) / 1000),
    memoryUsageBytes,
    memoryWorkingSetBytes: Math.max(0, memoryUsageBytes - inactive),
    memoryRssBytes: field(texts.memoryStat, unified ? 'anon' : 'total_rss'),
  };
}

function field(text: string, name: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}
