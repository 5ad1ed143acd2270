/**
 * Datagrams have no connection to end, so the kernel goes on sending a client's to the endpoint it once chose. What a change of
 * endpoints makes wrong must be forgotten. Connections of TCP are left alone: they end with their endpoint and drain until then.
 */
import { targetText, type Front, type Target } from './front.ts';

export type StaleFlow = {
  /** Absent: whatever address of the node the client used. */
  readonly address?: string;
  readonly port: number;
  /** Absent: flows that were let through untranslated while there was no endpoint. */
  readonly target?: Target;
};

export function staleFlows(before: Front | undefined, after: Front | undefined): readonly StaleFlow[] {
  const front = before ?? after;
  if (front?.protocol !== 'udp') return [];
  const place = { ...(front.address === undefined ? {} : { address: front.address }), port: front.port };
  const old = targetsOf(before);
  const left = new Set(targetsOf(after).map(targetText));
  if (old.length === 0) return left.size === 0 ? [] : [place];
  return old.filter((target) => !left.has(targetText(target))).map((target) => ({ ...place, target }));
}

function targetsOf(front: Front | undefined): readonly Target[] {
  return front?.targets ?? [];
}

/** The arguments of `conntrack` that forget the flow. */
export function forgetCommand({ address, port, target }: StaleFlow): readonly string[] {
  return [
    '-D',
    '-p',
    'udp',
    ...(address === undefined ? [] : ['--orig-dst', address]),
    '--orig-port-dst',
    String(port),
    ...(target === undefined ? [] : ['--reply-src', target.address, '--reply-port-src', String(target.port)]),
  ];
}
