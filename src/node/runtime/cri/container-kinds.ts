/** Tells containers from sandboxes: containerd's events speak of both as containers. */
import { isRuntimeError } from '../runtime-error.ts';
import { Containers } from './generated/containers_pb.ts';
import type { GrpcChannel } from './grpc-channel.ts';

export type Kind = 'Container' | 'Sandbox';

const KIND_LABEL = 'io.cri-containerd.kind';

export class ContainerKinds {
  readonly #known = new Map<string, Kind>();
  readonly #channel: GrpcChannel;

  constructor(channel: GrpcChannel) {
    this.#channel = channel;
  }

  /** Undefined for what is gone already, or was not made over CRI. */
  async kindOf(id: string, signal: AbortSignal): Promise<Kind | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const asked = await this.#ask(id, signal);
    if (asked !== undefined) this.#known.set(id, asked);
    return asked;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  async #ask(id: string, signal: AbortSignal): Promise<Kind | undefined> {
    try {
      const { container } = await this.#channel.call(Containers.method.get, { id }, { signal });
      const label = container?.labels[KIND_LABEL];
      if (label === undefined) return undefined;
      return label === 'sandbox' ? 'Sandbox' : 'Container';
    } catch (error) {
      if (isRuntimeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
