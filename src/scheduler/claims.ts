/** What a pod has claims to, volumes and devices: which nodes can give it that, and giving it. */
import type { Node, Pod } from '#api/types/core-v1';
import { DeviceBinder, DYNAMIC_RESOURCES, type Reservation } from './devices/device-binder.ts';
import type { PodDevices } from './devices/plan-devices.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import type { Refused } from './framework/placement.ts';
import type { Plugin } from './framework/plugin.ts';
import type { PodVolumes } from './volumes/plan-volumes.ts';
import { VOLUME_BINDING, VolumeBinder, type VolumeBinderOptions } from './volumes/volume-binder.ts';

export type PodClaims = {
  readonly volumes?: PodVolumes;
  readonly devices?: PodDevices;
  /** What they have to say of nodes. */
  readonly filters: readonly Plugin[];
  /** No node will do. */
  readonly because?: NonNullable<Refused['because']>;
};

/** What is the pod's from now on, as far as this scheduler is concerned. */
export type Held = { readonly node: Node; readonly volumes?: PodVolumes; readonly devices?: Reservation };

const NOTHING: PodClaims = { filters: [] };

export type ClaimBinderOptions = VolumeBinderOptions & {
  /** Whether claims to devices count for the profile that places the pod. */
  readonly looksAtDevices: (pod: Pod) => boolean;
};

export class ClaimBinder {
  readonly #volumes: VolumeBinder;
  readonly #devices: DeviceBinder;
  readonly #looksAtDevices: (pod: Pod) => boolean;

  constructor(options: ClaimBinderOptions) {
    this.#looksAtDevices = options.looksAtDevices;
    this.#volumes = new VolumeBinder(options);
    this.#devices = new DeviceBinder(options);
  }

  /** Resolves when all is known that claims are about; `onEvent` hears of what comes later. */
  async follow(onEvent: (event: ClusterEvent) => void): Promise<Disposable> {
    const following = new DisposableStack();
    following.use(await this.#volumes.follow(() => onEvent({ kind: 'StorageChanged' })));
    following.use(await this.#devices.follow(() => onEvent({ kind: 'DevicesChanged' })));
    return following;
  }

  /** The plugin that does not want the pod to be tried yet. */
  heldBackBy(pod: Pod): string | undefined {
    return this.#looksAtDevices(pod) && this.#devices.isWaiting(pod) ? DYNAMIC_RESOURCES : undefined;
  }

  plan(pod: Pod): PodClaims {
    const volumes = this.#volumes.plan(pod);
    if (volumes?.refused !== undefined) return refusedBy(VOLUME_BINDING, volumes.refused);
    const devices = this.#devicesOf(pod);
    if (typeof devices === 'string') return refusedBy(DYNAMIC_RESOURCES, devices);
    if (volumes === undefined && devices === undefined) return NOTHING;
    const filters = [
      ...(volumes === undefined ? [] : [this.#volumes.filter(volumes)]),
      ...(devices === undefined ? [] : [this.#devices.filter(devices)]),
    ];
    return { ...(volumes && { volumes }), ...(devices && { devices }), filters };
  }

  #devicesOf(pod: Pod): ReturnType<DeviceBinder['plan']> {
    return this.#looksAtDevices(pod) ? this.#devices.plan(pod) : undefined;
  }

  /** Nobody else gets what the pod gets on the node. Throws when the node has it no longer. */
  hold(pod: Pod, { volumes, devices }: PodClaims, node: Node): Held {
    const reservation = devices && this.#devices.reserve(pod, devices, node);
    return { node, ...(volumes && { volumes }), ...(reservation && { devices: reservation }) };
  }

  /** Resolves when the pod's claims say what it gets. */
  async bind({ node, volumes, devices }: Held): Promise<void> {
    try {
      if (volumes !== undefined) await this.#volumes.bind(volumes, node);
      if (devices !== undefined) await this.#devices.bind(devices);
    } catch (error) {
      if (devices !== undefined) this.#devices.release(devices);
      throw error;
    }
  }

  /** No node would do: a claim that is to blame gives back what it has, if nobody else uses it. */
  async giveBack(pod: Pod, { devices }: PodClaims, nodes: readonly Node[]): Promise<void> {
    if (devices !== undefined) await this.#devices.giveBack(pod, devices, nodes);
  }
}

function refusedBy(plugin: string, text: string): PodClaims {
  return { filters: [], because: { plugin, text, resolvable: false } };
}
