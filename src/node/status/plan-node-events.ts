/** Which events a change of a node's status is worth, in upstream's words. Pure. */
import type { NodeStatus } from '#api/types/core-v1';

/** Reasons by condition: of one that holds, and of one that does not. */
const REASONS: Readonly<Record<string, readonly [holds: string, doesNot: string]>> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  Ready: ['NodeReady', 'NodeNotReady'],
};

export type NodeEvent = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

export type StatusChange = { readonly before: NodeStatus | undefined; readonly after: NodeStatus | undefined };

export function planNodeEvents(name: string, { before, after }: StatusChange): readonly NodeEvent[] {
  return [...rebooted(name, { before, after }), ...changedConditions(name, { before, after })];
}

function changedConditions(name: string, { before, after }: StatusChange): readonly NodeEvent[] {
  const old = new Map(before?.conditions?.map(({ type, status }) => [type, status]));
  return (after?.conditions ?? []).flatMap(({ type, status }) => {
    const reasons = Object.hasOwn(REASONS, type) ? REASONS[type] : undefined;
    // A node that has never been ready has not become unready.
    const known = old.get(type) ?? (type === 'Ready' ? 'False' : undefined);
    if (reasons === undefined || known === status) return [];
    return [becomes(name, status === 'True' ? reasons[0] : reasons[1])];
  });
}

function rebooted(name: string, { before, after }: StatusChange): readonly NodeEvent[] {
  const [old = '', boot = ''] = [before?.nodeInfo?.bootID, after?.nodeInfo?.bootID];
  if (old === '' || boot === '' || old === boot) return [];
  const message = `Node ${name} has been rebooted, boot id: ${boot}`;
  return [{ type: 'Warning', reason: 'Rebooted', message }];
}

export function becomes(name: string, reason: string): NodeEvent {
  return { type: 'Normal', reason, message: `Node ${name} status is now: ${reason}` };
}
