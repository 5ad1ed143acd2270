/** What a pod has claims to, volumes and devices: which nodes can give it that, and giving it. */
import type { Node, Pod } from '#api/types/core-v1';
import { DeviceBinder, type DeviceReservation } from './devices/device-binder.ts';
import type { PodDevices } from './devices/plan-devices.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import type { Refused } from './framework/placement.ts';
import type { Plugin } from './framework/plugin.ts';
import { dynamicResources, volumeBinding } from './plugins/claims.ts';
import type { PodVolumes } from './volumes/plan-volumes.ts';
import { VolumeBinder, type VolumeBinderOptions, type VolumeReservation } from './volumes/volume-binder.ts';

export type PodClaims = {
  readonly volumes?: PodVolumes;
  readonly devices?: PodDevices;
  /** What they have to say of nodes. */
  readonly filters: readonly Plugin[];
  /** No node will do. */
  readonly because?: NonNullable<Refused['because']>;
};

/** What is the pod's from now on, as far as this scheduler is concerned. */
export type Held = { readonly pod: Pod; readonly volumes?: VolumeReservation; readonly devices?: DeviceReservation };

/** What the profile that places a pod does about claims. */
export type ClaimRules = {
  /** Whether pods wait for their volumes, and go where these are. */
  readonly looksAtVolumes: boolean;
  /** Whether volumes are found for claims that wait for a pod, and for how long they may take; undefined when they are not. */
  readonly volumesWithinMs: number | undefined;
  /** Whether pods wait for claims to devices that are not there yet. */
  readonly waitsForDevices: boolean;
  readonly looksAtDevices: boolean;
  /** Whether claims are given devices. */
  readonly givesDevices: boolean;
};

const NOTHING: PodClaims = { filters: [] };
const NO_RULES: Pick<ClaimRules, 'volumesWithinMs' | 'givesDevices'> = {
  volumesWithinMs: undefined,
  givesDevices: false,
};

export type ClaimBinderOptions = VolumeBinderOptions & {
  /** Undefined for pods that others place. */
  readonly rulesOf: (pod: Pod) => ClaimRules | undefined;
};

export class ClaimBinder {
  readonly #volumes: VolumeBinder;
  readonly #devices: DeviceBinder;
  readonly #rulesOf: ClaimBinderOptions['rulesOf'];

  constructor(options: ClaimBinderOptions) {
    this.#rulesOf = options.rulesOf;
    this.#volumes = new VolumeBinder(options);
    this.#devices = new DeviceBinder(options);
  }

  /** Resolves when all is known that claims are about; `onEvent` hears of what comes later. */
  async follow(onEvent: (event: ClusterEvent) => void): Promise<Disposable> {
    const following = new DisposableStack();
    following.use(await this.#volumes.follow(onEvent));
    following.use(await this.#devices.follow(() => onEvent({ kind: 'DevicesChanged' })));
    return following;
  }

  /** The plugin that does not want the pod to be tried yet. */
  heldBackBy(pod: Pod): string | undefined {
    return this.#rulesOf(pod)?.waitsForDevices === true && this.#devices.isWaiting(pod)
      ? dynamicResources.name
      : undefined;
  }

  plan(pod: Pod): PodClaims {
    const rules = this.#rulesOf(pod);
    const volumes = rules?.looksAtVolumes === true ? this.#volumes.plan(pod) : undefined;
    if (volumes?.refused !== undefined) return refusedBy(volumeBinding.name, volumes.refused);
    const devices = rules?.looksAtDevices === true ? this.#devices.plan(pod) : undefined;
    if (typeof devices === 'string') return refusedBy(dynamicResources.name, devices);
    return volumes === undefined && devices === undefined ? NOTHING : this.#plan(volumes, devices);
  }

  #plan(volumes: PodVolumes | undefined, devices: PodDevices | undefined): PodClaims {
    const filters = [
      ...(volumes === undefined ? [] : [this.#volumes.filter(volumes)]),
      ...(devices === undefined ? [] : [this.#devices.filter(devices)]),
    ];
    return { ...(volumes && { volumes }), ...(devices && { devices }), filters };
  }

  /** Nobody else gets what the pod gets on the node; undefined when that is nothing. Throws when the node has it no longer. */
  hold(pod: Pod, claims: PodClaims, node: Node): Held | undefined {
    if (claims.volumes === undefined && claims.devices === undefined) return undefined;
    const { volumesWithinMs, givesDevices } = this.#rulesOf(pod) ?? NO_RULES;
    const volumes = volumesWithinMs === undefined ? undefined : this.#holdVolumes(pod, claims, node);
    const devices = givesDevices ? this.#holdDevices(pod, claims, node) : undefined;
    return { pod, ...(volumes && { volumes }), ...(devices && { devices }) };
  }

  #holdVolumes(pod: Pod, { volumes }: PodClaims, node: Node): VolumeReservation | undefined {
    return volumes && this.#volumes.reserve(pod, volumes, node);
  }

  #holdDevices(pod: Pod, { devices }: PodClaims, node: Node): DeviceReservation | undefined {
    return devices && this.#devices.reserve(pod, devices, node);
  }

  /** Resolves when the pod's claims say what it gets. */
  async bind({ pod, volumes, devices }: Held, signal: AbortSignal): Promise<void> {
    const timeoutMs = this.#rulesOf(pod)?.volumesWithinMs ?? 0;
    if (volumes !== undefined) await told(volumeBinding.name, this.#volumes.bind(volumes, { timeoutMs, signal }));
    if (devices !== undefined) await told(dynamicResources.name, this.#devices.bind(devices));
  }

  /** The pod does not get to the node: others may have what was held for it. */
  release({ volumes, devices }: Held): void {
    if (volumes !== undefined) this.#volumes.release(volumes);
    if (devices !== undefined) this.#devices.release(devices);
  }

  /** As `release`, and what its claims were given for it alone is taken from them. */
  async takeBack(held: Held): Promise<void> {
    this.release(held);
    if (held.devices !== undefined) await this.#devices.takeBack(held.devices);
  }

  /** No node would do: a claim that is to blame gives back what it has, if nobody else uses it. */
  async giveBack(pod: Pod, { devices }: PodClaims, nodes: readonly Node[]): Promise<void> {
    if (devices !== undefined) await this.#devices.giveBack(pod, devices, nodes);
  }
}

/** In upstream's words. */
async function told(plugin: string, binding: Promise<void>): Promise<void> {
  try {
    await binding;
  } catch (cause) {
    throw new Error(`running PreBind plugin "${plugin}"`, { cause });
  }
}

function refusedBy(plugin: string, text: string): PodClaims {
  return { filters: [], because: { plugin, text, resolvable: false } };
}
