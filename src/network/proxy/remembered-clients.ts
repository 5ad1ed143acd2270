/** Reads which clients the kernel remembers the endpoints of, so that replacing the table does not make it forget them. */
import { runCommand } from '../run-command.ts';
import type { Element } from './plan/elements.ts';
import { FRONT_TABLES } from './plan/front.ts';
import { clientsMap, tableName } from './plan/skeleton.ts';

/** The elements to put into the new table; none when there is no table yet. */
export async function rememberedClients(clusterId: string, signal: AbortSignal): Promise<readonly Element[]> {
  const maps = FRONT_TABLES.map(clientsMap);
  const found = await Promise.all(
    maps.map(async (map) => {
      const command = ['nft', '-j', 'list', 'map', 'ip', tableName(clusterId), map] as const;
      return clientElements(map, await runCommand([...command], { signal }).catch(() => ''));
    }),
  );
  signal.throwIfAborted();
  return found.flat();
}

type Remembered = readonly [
  {
    readonly elem: {
      readonly val: { readonly concat: readonly (string | number)[] };
      readonly timeout: number;
      readonly expires: number;
    };
  },
  number,
];
type Listed = { readonly nftables: readonly { readonly map?: { readonly elem?: readonly Remembered[] } }[] };

/** What `nft -j list map` printed, as elements. */
export function clientElements(map: string, printed: string): readonly Element[] {
  if (printed === '') return [];
  const { nftables } = JSON.parse(printed) as Listed;
  const remembered = nftables.flatMap((entry) => entry.map?.elem ?? []);
  return remembered.map(([{ elem }, mark]) => {
    const { concat } = elem.val;
    // One that expires within this second is printed as 0, which would mean never.
    const limits = `timeout ${elem.timeout}s expires ${Math.max(1, elem.expires)}s`;
    return { map, key: `${concat.join(' . ')} ${limits}`, value: `0x${mark.toString(16)}` };
  });
}
