/** When each node was last heard of, by our own clock: its clock may be wrong. */
import { findCondition } from '#api/meta/conditions';
import type { Lease } from '#api/types/coordination-v1';
import type { Node } from '#api/types/core-v1';

type Heard = { readonly renewTime: string | undefined; readonly heartbeat: string | undefined; readonly atMs: number };

export class Heartbeats {
  readonly #heard = new Map<string, Heard>();

  /** Notes what the node says now; what it said before tells whether this is news. */
  note(node: Node, lease: Lease | undefined, nowMs: number): void {
    const { name } = node.metadata;
    const before = this.#heard.get(name);
    const renewTime = lease?.spec?.renewTime;
    const heartbeat = findCondition(node.status?.conditions, 'Ready')?.lastHeartbeatTime;
    const isNews = before === undefined || before.renewTime !== renewTime || before.heartbeat !== heartbeat;
    if (isNews) this.#heard.set(name, { renewTime, heartbeat, atMs: nowMs });
  }

  silentForMs(name: string, nowMs: number): number {
    return nowMs - (this.#heard.get(name)?.atMs ?? nowMs);
  }

  forget(name: string): void {
    this.#heard.delete(name);
  }
}
