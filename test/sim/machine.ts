/** A simulated machine: its agent is a program like others, but what the agent has started goes on without it until the power fails. */
import type { VirtualWorld } from '#base/virtual-world';
import type { Runtime } from '#node/runtime/runtime';
import { createHollowRuntime } from '#node/runtime/hollow/hollow-runtime';
import { type Process, startProcess } from './process.ts';

export type MachineOptions = {
  readonly name: string;
  readonly podCidr: string;
  readonly world: VirtualWorld;
  readonly seed: number;
};

// Soon enough that a scenario is short, different enough that orders vary.
const PROFILE = { pullMs: [50, 2_000], startMs: [20, 3_000], stopMs: [5, 2_000] } as const;

export class Machine {
  readonly #options: MachineOptions;
  #power: Process;
  #runtime: Runtime;
  #boots = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    [this.#power, this.#runtime] = this.#boot();
  }

  get name(): string {
    return this.#options.name;
  }

  get podCidr(): string {
    return this.#options.podCidr;
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  /** What ran is gone; the machine is as after its next start. */
  losePower(): void {
    this.#power.kill();
    [this.#power, this.#runtime] = this.#boot();
  }

  /** `namespace/name uid` of the pods that something runs of, whatever the API says. */
  async running(): Promise<readonly { readonly pod: string; readonly uid: string }[]> {
    const containers = await this.#runtime.listContainers();
    const busy = new Set(containers.filter(({ state }) => state === 'Running').map(({ sandboxId }) => sandboxId));
    const sandboxes = await this.#runtime.listPodSandboxes();
    return sandboxes
      .filter(({ id }) => busy.has(id))
      .map(({ metadata }) => ({ pod: `${metadata.namespace}/${metadata.name}`, uid: metadata.uid }));
  }

  #boot(): [Process, Runtime] {
    const { world, seed, podCidr } = this.#options;
    const power = startProcess(world, seed ^ Math.imul(++this.#boots, 0x85ebca6b), () => 0);
    return [power, createHollowRuntime({ world: power.world, podCidr, profile: PROFILE })];
  }
}
