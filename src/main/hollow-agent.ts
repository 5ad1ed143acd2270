/** One simulated node: the same agent as anywhere, on a runtime that runs nothing. */
import type { Taint } from '#api/types/core-v1';
import type { Client } from '#client/client';
import { EventCorrelator } from '#client/event-correlator';
import type { Informers } from '#client/informer';
import { runAgent, type Agent, type AgentOptions } from '#node/agent';
import type { Runtime } from '#node/runtime/runtime';
import type { HostFacts, HostPressure } from '#node/status/host-facts';
import { KUBERNETES_VERSION } from './kubernetes-version.ts';
import { CLUSTER_DOMAIN } from './nodes.ts';
import type { Surroundings } from './surroundings.ts';

const GIBIBYTE = 1024 ** 3;
const HOLLOW_HOST: Omit<HostFacts, 'hostname'> = {
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  cpuMilli: 8000,
  memoryBytes: 32 * GIBIBYTE,
  storageBytes: 200 * GIBIBYTE,
  kernelVersion: 'hollow',
  osImage: 'Tutti hollow node',
  machineId: '',
  systemUuid: '',
  bootId: '',
};
const AT_EASE: HostPressure = {
  memoryAvailableBytes: 24 * GIBIBYTE,
  storageAvailableBytes: 150 * GIBIBYTE,
  storageInodesShare: 0.9,
  freePidsShare: 0.9,
};

export type HollowNode = {
  readonly name: string;
  readonly ip: string;
  readonly podCidr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly maxPods?: number;
  /** What differs from the usual machine. */
  readonly host?: Partial<HostFacts>;
};

type Parts = Surroundings & {
  readonly client: Client;
  readonly informers: Informers;
  readonly pods?: NonNullable<AgentOptions['pods']>;
  readonly correlator?: EventCorrelator;
  readonly runtime: Runtime;
  readonly server?: AgentOptions['server'];
  readonly pace?: AgentOptions['pace'];
};

// Of so many pods on all nodes together: most that happens on simulated nodes happens once.
const REMEMBERED_REPORTS = 1024;

/** What all simulated nodes of a process remember of what they reported. */
export const hollowCorrelator = (): EventCorrelator => new EventCorrelator(REMEMBERED_REPORTS);

/** Resolves once the node is registered; goes on until the signal aborts. */
export function runHollowAgent(node: HollowNode, { server, pace, ...parts }: Parts): Promise<Agent> {
  const { name, ip, podCidr, host, labels = {}, taints = [], maxPods } = node;
  return runAgent({
    ...parts,
    nodeName: name,
    nodeIps: [ip],
    host: { ...HOLLOW_HOST, hostname: name, ...host },
    readPressure: () => Promise.resolve(AT_EASE),
    podCidr,
    clusterDns: [],
    clusterDomain: CLUSTER_DOMAIN,
    dirs: { pods: '', volumes: '/volumes', logs: '', seccomp: '' },
    cgroupRoot: '',
    version: KUBERNETES_VERSION,
    labels,
    taints,
    ...(maxPods === undefined ? {} : { maxPods }),
    ...(server === undefined ? {} : { server }),
    ...(pace === undefined ? {} : { pace }),
  });
}
