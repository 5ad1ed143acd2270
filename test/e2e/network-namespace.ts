/** Two network namespaces joined by a cable, so that a cluster and its client are two hosts and nothing leaves the machine. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Host = {
  readonly name: string;
  readonly address: string;
  /** Puts a command line into the host: `nsenter`, since `ip netns exec` hides the cgroups. */
  readonly command: (program: string, args: readonly string[]) => readonly [string, readonly string[]];
};

export type Hosts = AsyncDisposable & { readonly node: Host; readonly client: Host };

// Inside 198.18.0.0/15, beyond the ranges that clusters choose for pods and services first.
const NODE_ADDRESS = '198.19.250.1';
const CLIENT_ADDRESS = '198.19.250.2';

export async function makeHosts(): Promise<Hosts> {
  const id = randomBytes(3).toString('hex');
  const node = host(`tutti-n-${id}`, NODE_ADDRESS);
  const client = host(`tutti-c-${id}`, CLIENT_ADDRESS);
  for (const { name } of [node, client]) await run('ip', ['netns', 'add', name]);
  await run('ip', [
    '-n',
    node.name,
    'link',
    'add',
    'eth0',
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    client.name,
  ]);
  for (const { name, address } of [node, client]) {
    await run('ip', ['-n', name, 'address', 'add', `${address}/30`, 'dev', 'eth0']);
    for (const link of ['lo', 'eth0']) await run('ip', ['-n', name, 'link', 'set', link, 'up']);
  }
  return {
    node,
    client,
    async [Symbol.asyncDispose]() {
      for (const { name } of [node, client]) await run('ip', ['netns', 'delete', name]);
    },
  };
}

function host(name: string, address: string): Host {
  return {
    name,
    address,
    command: (program, args) => ['nsenter', [`--net=/run/netns/${name}`, '--', program, ...args]],
  };
}
