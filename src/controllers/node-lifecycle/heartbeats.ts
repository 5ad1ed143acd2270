/** When each node was last heard of, by our own clock: its clock may be wrong. */
import { findCondition } from '#api/meta/conditions';
import type { Lease } from '#api/types/coordination-v1';
import type { Node } from '#api/types/core-v1';

type Heard = {
  readonly status: string | undefined;
  readonly heartbeat: string | undefined;
  readonly renewal: string | undefined;
  readonly atMs: number;
};

export class Heartbeats {
  readonly #heard = new Map<string, Heard>();

  /** Notes what the node says now; what it said before tells whether this is news. */
  note(node: Node, lease: Lease | undefined, nowMs: number): void {
    const before = this.#heard.get(node.metadata.name);
    const ready = findCondition(node.status?.conditions, 'Ready');
    // Unknown is our own word for a silent node, not the node's.
    const status = ready?.status === 'Unknown' ? before?.status : ready?.status;
    const heard = { status, heartbeat: ready?.lastHeartbeatTime, renewal: lease?.spec.renewTime, atMs: nowMs };
    if (before === undefined || isNews(before, heard)) this.#heard.set(node.metadata.name, heard);
  }

  silentForMs(name: string, nowMs: number): number {
    return nowMs - (this.#heard.get(name)?.atMs ?? nowMs);
  }

  forget(name: string): void {
    this.#heard.delete(name);
  }
}

function isNews(before: Heard, now: Heard): boolean {
  return before.status !== now.status || before.heartbeat !== now.heartbeat || before.renewal !== now.renewal;
}
