/** A node's network as a process of its own, so that it can run inside a network namespace; orders come as lines of JSON. */
import { createInterface } from 'node:readline';
import { Namespace } from '#api/core/namespace';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { ServiceCIDR } from '#api/networking/service-cidr';
import { EndpointSlice } from '#api/discovery/endpoint-slice';
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import { createLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { removeNetwork } from '#network/remove-network';
import { runNetwork } from '#network/run-network';
import { heldInformers } from '../../fakes/held-informers.ts';

export type NodeSettings = {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly clusterId: string;
  readonly podCidr: string;
  readonly nodePodCidr: string;
  readonly serviceCidr: string;
  readonly dataDir: string;
  readonly confDir: string;
  readonly resolvConf: string;
};

export type Order =
  | { readonly order: 'put' | 'remove'; readonly objects: readonly ApiObject[] }
  | { readonly order: 'withdrawn'; readonly address: string }
  /** Begins to wait before the change that ends the waiting. */
  | { readonly order: 'withdrawn-after'; readonly address: string; readonly objects: readonly ApiObject[] }
  | { readonly order: 'settled' | 'purge' };

const TYPES = [Service, EndpointSlice, Pod, Namespace, ServiceCIDR] as unknown as readonly ResourceType<ApiObject>[];

const settings = JSON.parse(process.argv[2] ?? '{}') as NodeSettings;
const informers = heldInformers();
const ending = new AbortController();
const network = runNetwork({
  ...settings,
  informers,
  world: systemWorld(),
  logger: createLogger({ level: 'warn' }),
  signal: ending.signal,
});
await network.ready;
say('ready');

for await (const line of createInterface({ input: process.stdin })) {
  await obey(JSON.parse(line) as Order);
  say('done');
}
ending.abort();

async function obey(order: Order): Promise<void> {
  switch (order.order) {
    case 'put':
    case 'remove':
      for (const object of order.objects) informers[order.order](typeOf(object), object);
      return;
    case 'withdrawn':
      return await network.withdrawn(order.address, AbortSignal.timeout(10_000));
    case 'withdrawn-after': {
      const withdrawn = network.withdrawn(order.address, AbortSignal.timeout(10_000));
      for (const object of order.objects) informers.put(typeOf(object), object);
      return await withdrawn;
    }
    case 'settled': // nothing ever leads to this address, so this waits only for what is still to be written
      return await network.withdrawn('0.0.0.0', AbortSignal.timeout(10_000));
    case 'purge':
      ending.abort();
      return await removeNetwork(settings, AbortSignal.timeout(10_000));
  }
}

function typeOf(object: ApiObject): ResourceType<ApiObject> {
  const type = TYPES.find(({ kind }) => kind === object.kind);
  if (type === undefined) throw new Error(`Cannot hold a ${object.kind}: expected one of the kinds a network reads`);
  return type;
}

function say(word: string): void {
  process.stdout.write(`${word}\n`);
}
