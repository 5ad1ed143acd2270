/** How low a request must be for all of the pods that wait to find room on the nodes that there are. */
import { podRequests } from '#api/core/pod-resources';
import type { Change } from './change.ts';
import { asking, effortOf, lowering } from './remedies/requests.ts';
import type { Steps } from './steps.ts';
import { placedAfter, type Waiting } from './try-change.ts';
import type { NodeVerdict } from './verdicts.ts';

// Nobody asks for a thousandth of a core or a single byte.
const STEP: Readonly<Record<string, number>> = { cpu: 50, memory: 16 * 1024 ** 2 };

/** Only where one resource is all that nodes lack. */
export function* lowerForAll(waiting: Waiting, verdicts: readonly NodeVerdict[]): Steps<readonly Change[]> {
  const resource = onlyShortage(verdicts);
  const step = STEP[resource ?? ''];
  if (waiting.alike.length === 0 || resource === undefined || step === undefined) return [];
  const { pod } = waiting;
  const asked = podRequests(pod)[resource] ?? 0;
  const wanted = waiting.alike.length + 1;
  const loweredTo = (steps: number) => lowering(pod, { resource, asked, free: steps * step });
  const placesAt = (steps: number): number => {
    const lowered = loweredTo(steps);
    return lowered === undefined ? 0 : placedAfter(waiting, { pod: asking(lowered.after) });
  };
  let low = 0;
  let high = Math.ceil(asked / step);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (placesAt(middle) === wanted) low = middle;
    else high = middle;
    yield;
  }
  const lowered = low === 0 ? undefined : loweredTo(low);
  if (lowered === undefined) return [];
  const text = `${lowered.text}, so that all ${wanted} of them fit`;
  const effort = effortOf({ resource, asked, free: low * step });
  return [{ text, effort, places: wanted, pod: asking(lowered.after)(pod), nodes: [] }];
}

/** What nodes are refused for and nothing else. */
function onlyShortage(verdicts: readonly NodeVerdict[]): string | undefined {
  const fit = verdicts.filter(({ refusals }) => refusals.every(({ plugin }) => plugin === 'NodeResourcesFit'));
  const reasons = new Set(fit.flatMap(({ refusals }) => refusals.flatMap(({ refusal }) => refusal.reasons)));
  const [reason] = reasons;
  return reasons.size === 1 ? /^Insufficient (.+)$/.exec(reason ?? '')?.[1] : undefined;
}
