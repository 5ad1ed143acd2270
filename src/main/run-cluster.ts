/** Runs the parts of a cluster in this process, joined in memory where they are together and over HTTPS where they are not. */
import type { UserInfo } from '#api/request';
import { aborted, abortScope } from '#base/abort';
import type { Cluster, Parts } from '#cli/composition';
import type { Client } from '#client/client';
import { httpsClient } from '#client/https/https-client';
import { inProcessClient } from '#client/in-process';
import { type Leaf, NETWORK_LEAF, nodeClientLeaf } from '#apiserver/pki/authority';
import { loadAuthority, loadLeaf } from '#apiserver/pki/files';
import { componentUser, nodeUser } from './identities.ts';
import type { Nodes } from './nodes.ts';
import { localAddress } from '#cli/listen-address';
import { startServer } from './server.ts';
import type { Store } from '#store/store';
import type { Surroundings } from './surroundings.ts';

type RunningParts = Cluster & {
  readonly parts: Parts;
  /** Of the server, and to be closed by whoever opened it. */
  readonly store: Promise<Store> | undefined;
};

/** Resolves when `signal` has aborted and everything has ended; rejects when a part fails. Containers run on. */
export async function runCluster(
  { parts, store, ...cluster }: RunningParts,
  surroundings: Surroundings,
): Promise<void> {
  // One part that fails takes the others with it: whoever watches the process starts it again whole.
  using scope = abortScope(surroundings.signal);
  const inside = { ...surroundings, signal: scope.signal };
  await using held = new AsyncDisposableStack();
  held.defer(() => scope.abort(new DOMException('The cluster is stopping', 'AbortError')));
  const machine = parts === 'server' ? undefined : prepareNode(cluster, inside);
  machine?.catch(() => undefined); // awaited below; the server may fail first
  const server = store === undefined ? undefined : held.use(await startServer(cluster, store, inside));
  server?.running.catch(() => undefined); // awaited below, when the nodes have started too
  const clientOf = async (user: UserInfo, file: ClientFile): Promise<Client> =>
    server === undefined ? await remoteClient(cluster, file, inside) : inProcessClient(server.handle, user);
  const nodes: Nodes = {
    cluster,
    clientFor: (node) =>
      clientOf(nodeUser(node), { name: `node-${node}`, leaf: nodeClientLeaf(node), userAgent: 'kubelet' }),
    networkClient: () =>
      clientOf(componentUser('kube-proxy'), { name: 'kube-proxy', leaf: NETWORK_LEAF, userAgent: 'kube-proxy' }),
    surroundings: inside,
  };
  if (parts !== 'server') {
    const start = await machine;
    if (start !== undefined) held.use(await start(nodes));
    if (cluster.settings.hollowNodes > 0) held.use(await (await import('./hollow-nodes.ts')).startHollowNodes(nodes));
  }
  surroundings.logger.info('running', { parts, listen: cluster.settings.listen });
  const ends = server === undefined ? [] : [endedBadly(server.running, inside.signal)];
  await Promise.race([aborted(inside.signal), ...ends]);
}

/** The machine is made ready while the control plane starts; then the node itself can start. */
async function prepareNode(
  cluster: Cluster,
  surroundings: Surroundings,
): Promise<((nodes: Nodes) => Promise<AsyncDisposable>) | undefined> {
  if (cluster.settings.runtime === 'hollow') return undefined;
  const { prepareMachine, startNode } = await import('./node.ts');
  const machine = await prepareMachine(cluster, surroundings);
  return (nodes) => startNode(nodes, machine);
}

/** Parts run until they are told to end; an end of their own is a failure. */
async function endedBadly(part: Promise<unknown>, signal: AbortSignal): Promise<void> {
  try {
    await part;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (!signal.aborted) throw new Error('A part of the cluster ended on its own');
}

/** `userAgent`: what upstream's component of that work calls itself, as writes in one process are recorded too. */
type ClientFile = { readonly name: string; readonly leaf: Leaf; readonly userAgent: string };

async function remoteClient(
  { dir, settings }: Cluster,
  { name, leaf, userAgent }: ClientFile,
  { world }: Surroundings,
): Promise<Client> {
  const nowMs = world.clock.now();
  const authority = await loadAuthority(dir.pki, nowMs);
  const own = await loadLeaf({ folder: dir.pki, name, leaf }, authority, nowMs);
  const server = `https://${localAddress(settings.listen)}`;
  return httpsClient({ server, ca: authority.certificate, cert: own.certificate, key: own.key, userAgent, world });
}
