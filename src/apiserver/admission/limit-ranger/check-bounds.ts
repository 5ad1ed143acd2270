/** Finds what asks for less or more than a limit range allows, in upstream's words. Pure. */
import { aggregatedQuantities } from '#api/core/pod-resources';
import { isPodLevelResource } from '#api/core/pod/resources';
import { compareQuantityTexts } from '#api/meta/quantity-arithmetic';
import { canonicalQuantity, milliUnits, parseQuantity } from '#api/meta/quantity';
import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, PodSpec } from '#api/types/core-v1';

type Amounts = Readonly<Record<string, string>>;
type Asked = { readonly requests: Amounts; readonly limits: Amounts };

export function podViolations({ spec: { limits } }: LimitRange, spec: PodSpec): readonly string[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => ({
    requests: resources?.requests ?? {},
    limits: resources?.limits ?? {},
  }));
  return limits.flatMap((item) => {
    if (item.type === 'Container') return containers.flatMap((asked) => [...violations(item, asked)]);
    return item.type === 'Pod' ? [...violations(item, askedByPod(spec))] : [];
  });
}

/** What a claim calls a limit is nothing that users say: only requests count. */
export function claimViolations({ spec: { limits } }: LimitRange, claim: PersistentVolumeClaim): readonly string[] {
  const requests = claim.spec.resources?.requests ?? {};
  return limits.flatMap((item) => {
    if (item.type !== 'PersistentVolumeClaim') return [];
    const of = (bound: Amounts | undefined): readonly string[] => namesOf(bound);
    return [
      ...of(item.min).flatMap((name) => told(belowMin({ item, name }, { requests, limits: {} }))),
      ...of(item.max).flatMap((name) => told(aboveMaxRequest({ item, name }, requests))),
    ];
  });
}

function askedByPod(spec: PodSpec): Asked {
  const side = (name: 'requests' | 'limits'): Amounts => {
    const ofPod = Object.entries(spec.resources?.[name] ?? {}).filter(([resource]) => isPodLevelResource(resource));
    return { ...aggregatedQuantities(spec, name), ...(Object.fromEntries(ofPod) as Amounts) };
  };
  return { requests: side('requests'), limits: side('limits') };
}

type Place = { readonly item: LimitRangeItem; readonly name: string };

function* violations(item: LimitRangeItem, asked: Asked): Generator<string> {
  for (const name of namesOf(item.min)) yield* told(belowMin({ item, name }, asked));
  for (const name of namesOf(item.max)) yield* told(aboveMax({ item, name }, asked));
  for (const name of namesOf(item.maxLimitRequestRatio)) yield* told(aboveRatio({ item, name }, asked));
}

const namesOf = (bound: Amounts | undefined): readonly string[] => Object.keys(bound ?? {}).toSorted();
const told = (problem: string | undefined): readonly string[] => (problem === undefined ? [] : [problem]);

function belowMin({ item, name }: Place, { requests, limits }: Asked): string | undefined {
  const [bound = '0', request, limit] = [item.min?.[name], requests[name], limits[name]];
  const rule = `minimum ${name} usage per ${item.type} is ${canonicalQuantity(bound)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantityTexts(request, bound) < 0) return `${rule}, but request is ${canonicalQuantity(request)}`;
  if (limit === undefined || compareQuantityTexts(limit, bound) >= 0) return undefined;
  return `${rule}, but limit is ${canonicalQuantity(limit)}`;
}

function aboveMax(place: Place, { requests, limits }: Asked): string | undefined {
  const { item, name } = place;
  const [bound = '0', limit] = [item.max?.[name], limits[name]];
  const rule = `maximum ${name} usage per ${item.type} is ${canonicalQuantity(bound)}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantityTexts(limit, bound) > 0) return `${rule}, but limit is ${canonicalQuantity(limit)}`;
  return requests[name] === undefined ? undefined : aboveMaxRequest(place, requests);
}

function aboveMaxRequest({ item, name }: Place, requests: Amounts): string | undefined {
  const [bound = '0', request] = [item.max?.[name], requests[name]];
  const rule = `maximum ${name} usage per ${item.type} is ${canonicalQuantity(bound)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  return compareQuantityTexts(request, bound) > 0 ? `${rule}, but request is ${canonicalQuantity(request)}` : undefined;
}

function aboveRatio({ item, name }: Place, { requests, limits }: Asked): string | undefined {
  const bound = item.maxLimitRequestRatio?.[name] ?? '0';
  const rule = `${name} max limit to request ratio per ${item.type} is ${canonicalQuantity(bound)}`;
  const [request, limit] = [milli(requests[name]), milli(limits[name])];
  if (request === 0) return `${rule}, but no request is specified or request is 0`;
  if (limit === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = limit / request;
  if (ratio * 1000 <= milli(bound)) return undefined;
  return `${rule}, but provided ratio is ${ratio.toFixed(6)}`;
}

const milli = (text: string | undefined): number => (text === undefined ? 0 : milliUnits(parseQuantity(text)));
