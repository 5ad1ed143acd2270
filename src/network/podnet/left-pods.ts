/** Finds and removes what pods leave when their runtime ended before them: links, network namespaces and the plugins' notes. */
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { contains, parseAddress, parseRange } from '../plan/ipv4.ts';
import { runCommand } from '../run-command.ts';
import { cniNetworkName } from './plan/conflist.ts';

// Where the runtime's CNI library notes what it attached; the place is built into it.
const NOTES_DIR = '/var/lib/cni/results';
const NAMESPACES_DIR = '/run/netns';

export type PodsOfCluster = { readonly clusterId: string; readonly podCidr: string };

export async function removeLeftPods({ clusterId, podCidr }: PodsOfCluster, signal: AbortSignal): Promise<void> {
  for (const link of await podLinks(podCidr, signal)) {
    // A link goes with its other end, which may be going just now.
    await runCommand(['ip', 'link', 'delete', link], { signal }).catch(() => undefined);
  }
  const notes = (await readdir(NOTES_DIR).catch(() => [])).filter((name) =>
    name.startsWith(`${cniNetworkName(clusterId)}-`),
  );
  for (const name of notes) {
    const namespace = namespaceNoted(await readFile(join(NOTES_DIR, name), 'utf8'));
    if (namespace !== undefined)
      await runCommand(['ip', 'netns', 'delete', namespace], { signal }).catch(() => undefined);
    for (const note of [name, loopbackNote(name, clusterId)]) await rm(join(NOTES_DIR, note), { force: true });
  }
  // The directories are left to others if they use them.
  for (const dir of [NOTES_DIR, join(NOTES_DIR, '..')]) await rmdir(dir).catch(() => undefined);
}

type RouteEntry = { readonly dst?: string; readonly dev?: string; readonly type?: string };

async function podLinks(podCidr: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const routes = JSON.parse(await runCommand(['ip', '-j', '-4', 'route', 'show'], { signal })) as readonly RouteEntry[];
  const range = parseRange(podCidr);
  const ofPods = routes.filter(({ dst = '' }) => {
    const address = parseAddress(dst); // one address and no range: what the plugin adds for each pod
    return address !== undefined && contains(range, address);
  });
  return new Set(ofPods.flatMap(({ dev }) => (dev?.startsWith('veth') === true ? [dev] : [])));
}

// Each pod has a second note, of its loopback, which names no cluster: only the pod's id leads to it.
function loopbackNote(note: string, clusterId: string): string {
  const pod = note.slice(`${cniNetworkName(clusterId)}-`.length).replace(/-eth0$/, '');
  return `cni-loopback-${pod}-lo`;
}

// Only a namespace that the runtime named itself is ours to remove.
function namespaceNoted(note: string): string | undefined {
  const path = /"netns":\s*"([^"]+)"/.exec(note)?.[1] ?? '';
  const name = basename(path);
  return name.startsWith('cni-') && path.replace(/^\/var\/run\//, '/run/') === join(NAMESPACES_DIR, name)
    ? name
    : undefined;
}
