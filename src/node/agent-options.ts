/** What an agent is started with. */
import type { Pod } from '#api/core/pod';
import type { Taint } from '#api/types/core-v1';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { EventCorrelator } from '#client/event-correlator';
import type { Informer, Informers } from '#client/informer';
import type { Runtime } from './runtime/runtime.ts';
import type { ServerOptions } from './server/agent-server.ts';
import type { SharedAgentServer } from './server/shared-agent-server.ts';
import type { HostFacts, HostPressure } from './status/host-facts.ts';

export type AgentOptions = {
  readonly client: Client;
  readonly informers: Informers;
  /** The pods of this node, where many nodes share one stream; otherwise the agent follows its own. */
  readonly pods?: Informer<Pod>;
  /** What was reported of late, where many nodes remember it together; otherwise the agent remembers its own. */
  readonly correlator?: EventCorrelator;
  readonly runtime: Runtime;
  readonly world: World;
  readonly logger: Logger;
  /** Ends the agent; containers go on running. */
  readonly signal: AbortSignal;
  readonly nodeName: string;
  readonly nodeIps: readonly string[];
  /** The machine as the node shows it, and what it has left. */
  readonly host: HostFacts;
  readonly readPressure: () => Promise<HostPressure>;
  readonly podCidr: string;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** Not used where the runtime is simulated. */
  readonly dirs: AgentDirs;
  /** Absolute; the pods' cgroups are below it. */
  readonly cgroupRoot: string;
  /** Of the whole system, as `v1.35.0`. */
  readonly version: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly maxPods?: number;
  /** How often it does what nobody waits for; as upstream's agents unless said. */
  readonly pace?: Partial<AgentPace>;
  /** Serves logs, exec and usage to the API server; without it the node is not reachable by name. */
  readonly server?: ServerOptions | SharedAgentServer;
  /** Awaited, for a bounded time, before the containers of a deleted pod are told to end: nobody is led there any more. */
  readonly beforeStop?: BeforeStop;
};

export type AgentPace = {
  /** Between two signs of life. */
  readonly renewMs: number;
  /** Between two looks at the machine. */
  readonly lookMs: number;
};

export type BeforeStop = (podIps: readonly string[], signal: AbortSignal) => Promise<void>;

export type AgentDirs = {
  /** Shared with the runtime, mounts made later included. */
  readonly pods: string;
  /** Where volumes that the cluster makes on this node are; without it there are none. */
  readonly volumes?: string;
  readonly logs: string;
  /** Where seccomp profiles that pods name are. */
  readonly seccomp: string;
};
