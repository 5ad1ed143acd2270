/** What the operations of all pods of a node share. */
import type { ConfigMap } from '#api/core/config-map';
import type { Secret } from '#api/core/secret';
import type { Service } from '#api/core/service';
import type { Pod } from '#api/core/pod';
import type { Gate } from '#base/gate';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { EventRecorder } from '#client/event-recorder';
import type { Container } from '#api/types/core-v1';
import type { Mount } from '../runtime/container.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { NodeDirs } from './config/pod-paths.ts';
import type { DnsSources } from './config/pod-dns.ts';
import type { ResourceList } from './config/resource-value.ts';
import type { RuntimeWatch } from './runtime-watch.ts';

export type NodeSettings = {
  readonly name: string;
  readonly hostIps: readonly string[];
  readonly runtimeName: string;
  readonly dirs: NodeDirs;
  readonly seccompDir: string;
  readonly cgroupRoot: string;
  readonly memoryBytes: number;
  readonly allocatable: ResourceList;
  readonly dns: DnsSources;
  readonly hostsFile: string;
};

/** Objects of a pod's namespace, undefined where there are none of that name. */
export type HeldObjects = {
  configMap(name: string, signal: AbortSignal): Promise<ConfigMap | undefined>;
  secret(name: string, signal: AbortSignal): Promise<Secret | undefined>;
};

/** The objects that pods refer to by name, kept for as long as a pod holds them. */
export type ReferencedObjects = {
  of(podUid: string, namespace: string): HeldObjects;
  release(podUid: string): void;
};

/** The volumes that pods have claims to. */
export type ClaimedVolumes = {
  /** Makes the volume behind the claim usable; again is harmless. Throws with what is missing. */
  setUp(pod: Pod, claimName: string, signal: AbortSignal): Promise<void>;
  pathOf(pod: Pod, claimName: string): Promise<string>;
  release(podUid: string): void;
};

/** All that the folders of a pod need to know of it. */
export type PodIdentity = { readonly metadata: { readonly uid: string } };

/** What a container may mount. */
export type Volumes = {
  /** Makes all of a pod's volumes; again is harmless. Throws `VolumeError`. */
  setUp(pod: Pod, signal: AbortSignal): Promise<void>;
  /** After the pod's containers have ended. */
  tearDown(pod: PodIdentity): Promise<void>;
  /** `expand` resolves `$(NAME)` in a `subPathExpr`. */
  mounts(pod: Pod, container: Container, expand: (text: string) => string): Promise<readonly Mount[]>;
};

export type HookRunner = {
  /** Throws with what went wrong. */
  run(hook: Hook, signal: AbortSignal): Promise<void>;
};

export type Hook = {
  readonly handler: NonNullable<NonNullable<Container['lifecycle']>['postStart']>;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
};

export type AgentContext = {
  readonly client: Client;
  readonly runtime: Runtime;
  readonly watch: RuntimeWatch;
  readonly world: World;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly objects: ReferencedObjects;
  readonly volumes: Volumes;
  readonly hooks: HookRunner;
  /** What containers of a namespace are told of: its own services, and the API's. */
  readonly services: (namespace: string) => readonly Service[];
  readonly starts: Gate;
  readonly pulls: Gate;
  readonly node: NodeSettings;
  /** Nothing outside this process is touched: no files are written. */
  readonly simulated: boolean;
  /** Resolves when new connections are no longer led to the addresses, or when the signal aborts; absent where nobody leads any. */
  readonly beforeStop: ((podIps: readonly string[], signal: AbortSignal) => Promise<void>) | undefined;
};
