/** Makes the machine forward packets, and remembers for all clusters on it whether it did before. */
import { readFile, writeFile } from 'node:fs/promises';
import { FORWARDING_NOTE, tableName } from '../proxy/plan/skeleton.ts';
import { runCommand } from '../run-command.ts';

const SWITCH = '/proc/sys/net/ipv4/ip_forward';
const OUR_TABLE = /^tutti_[0-9a-f]+$/;

/** Switches forwarding on; tells what it was before the first cluster on this machine came. */
export async function enableForwarding(signal: AbortSignal): Promise<'on' | 'off'> {
  const isOn = (await readFile(SWITCH, 'utf8')).trim() === '1';
  if (!isOn) {
    await writeFile(SWITCH, '1\n');
    return 'off';
  }
  return (await clusterTables(signal)).some(({ wasOff }) => wasOff) ? 'off' : 'on';
}

/** What has to be known before the cluster's table goes. */
export async function mustRestoreForwarding(clusterId: string, signal: AbortSignal): Promise<boolean> {
  const tables = await clusterTables(signal);
  const own = tables.find(({ name }) => name === tableName(clusterId));
  return own?.wasOff === true && tables.length === 1;
}

export async function restoreForwarding(): Promise<void> {
  await writeFile(SWITCH, '0\n');
}

type ClusterTable = { readonly name: string; readonly wasOff: boolean };

async function clusterTables(signal: AbortSignal): Promise<readonly ClusterTable[]> {
  const listed: unknown = JSON.parse(await runCommand(['nft', '-j', 'list', 'chains', 'ip'], { signal }));
  const chains = chainsOf(listed).filter(({ table }) => OUR_TABLE.test(table));
  const byTable = Map.groupBy(chains, ({ table }) => table);
  return [...byTable].map(([name, own]) => ({ name, wasOff: own.some((chain) => chain.name === FORWARDING_NOTE) }));
}

type Chain = { readonly table: string; readonly name: string };

function chainsOf(listed: unknown): readonly Chain[] {
  if (typeof listed !== 'object' || listed === null || !('nftables' in listed) || !Array.isArray(listed.nftables))
    return [];
  return listed.nftables.flatMap((entry: { readonly chain?: Chain }) =>
    entry.chain === undefined ? [] : [entry.chain],
  );
}
