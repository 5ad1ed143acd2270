/** Reads the facts of the machine this process runs on. */
import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import type { HostFacts, HostPressure } from './host-facts.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

export async function readHostFacts(dataDir: string): Promise<HostFacts> {
  const storage = await statfs(dataDir);
  const machineId = await readText('/etc/machine-id');
  return {
    hostname: hostname(),
    architecture: ARCHITECTURES[arch()] ?? arch(),
    cpuMilli: availableParallelism() * 1000,
    memoryBytes: totalmem(),
    storageBytes: storage.blocks * storage.bsize,
    kernelVersion: release(),
    osImage: osName(await readText('/etc/os-release')),
    machineId,
    systemUuid: (await readText('/sys/class/dmi/id/product_uuid')) || machineId,
    bootId: await readText('/proc/sys/kernel/random/boot_id'),
  };
}

export async function readHostPressure(dataDir: string): Promise<HostPressure> {
  const storage = await statfs(dataDir);
  const meminfo = await readText('/proc/meminfo');
  const [, tasks = '0/0'] = /(\d+\/\d+) \d+$/.exec(await readText('/proc/loadavg')) ?? [];
  const maxPids = Number(await readText('/proc/sys/kernel/pid_max')) || Infinity;
  return {
    memoryAvailableBytes:
      Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? Number.MAX_SAFE_INTEGER / 1024) * 1024,
    storageAvailableBytes: storage.bavail * storage.bsize,
    // File systems without a table of inodes say that they have none.
    storageInodesShare: storage.files === 0 ? 1 : storage.ffree / storage.files,
    freePidsShare: 1 - Number(tasks.split('/')[1]) / maxPids,
  };
}

function osName(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux';
}

/** Empty where there is no such file, or it is not ours to read. */
async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
