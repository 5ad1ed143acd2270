/** Which endpoints of a service port take new connections: the ready ones, and those that still serve when no other is left. */
import type { EndpointSlice } from '#api/discovery/endpoint-slice';
import type { Endpoint } from '#api/types/discovery-v1';
import { parseAddress } from '../../plan/ipv4.ts';
import { targetText, transportProtocol, type Target, type TransportProtocol } from './front.ts';

export type PortOfService = { readonly name: string; readonly protocol: TransportProtocol };

export type Candidate = {
  readonly target: Target;
  readonly isLocal: boolean;
  readonly state: 'ready' | 'draining' | 'away';
};

/** Every endpoint the slices have for the port, each once, in a steady order. */
export function candidates(
  slices: readonly EndpointSlice[],
  port: PortOfService,
  nodeName: string,
): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const number of portNumbers(slice, port)) {
      for (const endpoint of slice.endpoints ?? []) {
        const candidate = candidateOf(endpoint, number, nodeName);
        // An endpoint may be in two slices for a moment while it moves; the one that is ready counts.
        const known = candidate && found.get(targetText(candidate.target));
        if (candidate !== undefined && known?.state !== 'ready') found.set(targetText(candidate.target), candidate);
      }
    }
  }
  return [...found.keys()].toSorted().flatMap((key) => found.get(key) ?? []);
}

/** The targets among the candidates: those that are ready, or, when none is, those that still serve while they end. */
export function chooseTargets(from: readonly Candidate[]): readonly Target[] {
  const ready = from.filter(({ state }) => state === 'ready');
  const chosen = ready.length > 0 ? ready : from.filter(({ state }) => state === 'draining');
  return chosen.map(({ target }) => target);
}

function portNumbers({ ports = [] }: EndpointSlice, wanted: PortOfService): readonly number[] {
  const matching = ports.filter(
    ({ name = '', protocol }) => name === wanted.name && transportProtocol(protocol) === wanted.protocol,
  );
  return matching.flatMap(({ port }) => (port === undefined ? [] : [port]));
}

function candidateOf(endpoint: Endpoint, port: number, nodeName: string): Candidate | undefined {
  const [address] = endpoint.addresses; // an endpoint's further addresses are not used, as upstream has it
  if (address === undefined || parseAddress(address) === undefined) return undefined;
  return { target: { address, port }, isLocal: endpoint.nodeName === nodeName, state: stateOf(endpoint) };
}

function stateOf({ conditions = {} }: Endpoint): Candidate['state'] {
  const { ready = true, serving = ready, terminating = false } = conditions;
  if (ready) return 'ready';
  return serving && terminating ? 'draining' : 'away';
}
