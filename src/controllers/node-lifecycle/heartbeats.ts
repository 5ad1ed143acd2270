/** When each node was last heard of, by our own clock: its clock may be wrong. */
import { findCondition } from '#api/meta/conditions';
import type { Node } from '#api/types/core-v1';

/** What a node's status says of its health. */
type Told = { readonly status: string | undefined; readonly heartbeat: string | undefined };
type Heard = { readonly told: Told; readonly renewal: string | undefined; readonly atMs: number };

export class Heartbeats {
  /** In the order in which they were heard of: who looks for silent nodes looks at no others. */
  readonly #heard = new Map<string, Heard>();
  /** Those whose silence is known. */
  readonly #silent = new Map<string, Heard>();

  /** Notes what the node's status says now; what it said before tells whether this is news. */
  note(node: Node, nowMs: number): void {
    const { name } = node.metadata;
    const before = this.#last(name);
    const told = toldBy(node, before?.told);
    if (before !== undefined && before.told.status === told.status && before.told.heartbeat === told.heartbeat) return;
    this.#hear(name, { told, renewal: before?.renewal, atMs: nowMs });
  }

  /** Notes a lease; that of a node which was never noted says nothing. */
  renewed(name: string, renewal: string | undefined, nowMs: number): void {
    const before = this.#last(name);
    if (before === undefined || before.renewal === renewal) return;
    this.#hear(name, { told: before.told, renewal, atMs: nowMs });
  }

  silentForMs(name: string, nowMs: number): number {
    return nowMs - (this.#last(name)?.atMs ?? nowMs);
  }

  /** Nodes that were not heard of for so long and whose silence is not known yet. */
  silentSince(atMs: number): readonly string[] {
    const silent: string[] = [];
    for (const [name, heard] of this.#heard) {
      if (heard.atMs > atMs) break;
      silent.push(name);
    }
    return silent;
  }

  /** Until it is heard of again its silence is no news. */
  knowSilent(name: string): void {
    const heard = this.#heard.get(name);
    if (heard === undefined) return;
    this.#heard.delete(name);
    this.#silent.set(name, heard);
  }

  forget(name: string): void {
    this.#heard.delete(name);
    this.#silent.delete(name);
  }

  #last(name: string): Heard | undefined {
    return this.#heard.get(name) ?? this.#silent.get(name);
  }

  #hear(name: string, heard: Heard): void {
    this.forget(name);
    this.#heard.set(name, heard);
  }
}

function toldBy({ status }: Node, before: Told | undefined): Told {
  const ready = findCondition(status?.conditions, 'Ready');
  // Unknown is our own word for a silent node, not the node's.
  const told = ready?.status === 'Unknown' ? before?.status : ready?.status;
  return { status: told, heartbeat: ready?.lastHeartbeatTime };
}
