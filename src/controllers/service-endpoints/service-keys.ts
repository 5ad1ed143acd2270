/** Which services a change of a pod concerns. */
import { Service } from '#api/core/service';
import { hasLabels } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { Pod } from '#api/types/core-v1';
import type { Change } from '#client/informer';
import { keyOf } from '#client/key';
import { isReady, readySinceMs } from '#api/core/pod-state';
import { NO_KEYS, type Context } from '../framework/controller.ts';
import { addressesOf, hasAddress, hasOwnEndpoints } from './plan-membership.ts';

/** The keys of the services that select the pod, or did before; none when nothing changed that they look at. */
export function serviceKeys({ before, after }: Change<Pod>, context: Context): Iterable<string> {
  const { namespace = '' } = (after ?? before)?.metadata ?? {};
  const services = context.informer(Service).list(namespace);
  if (services.length === 0) return NO_KEYS;
  if (before !== undefined && after !== undefined && showsTheSame(before, after)) return NO_KEYS;
  const own = services.filter(hasOwnEndpoints);
  return new Set([...selecting(own, before), ...selecting(own, after)]);
}

function selecting(services: readonly Service[], pod: Pod | undefined): readonly string[] {
  if (pod === undefined) return [];
  return services.filter(({ spec }) => hasLabels(pod.metadata.labels, spec.selector ?? {})).map(keyOf);
}

/** In all that endpoints show of a pod. What changes most often is compared first. */
function showsTheSame(before: Pod, after: Pod): boolean {
  return (
    (before.status === after.status || showsTheSameState(before, after)) &&
    isEnding(before) === isEnding(after) &&
    before.metadata.uid === after.metadata.uid &&
    showsTheSamePlace(before, after) &&
    semanticEqual(before.metadata.labels, after.metadata.labels)
  );
}

function showsTheSameState(before: Pod, after: Pod): boolean {
  return (
    isReady(before) === isReady(after) &&
    readySinceMs(before) === readySinceMs(after) &&
    hasAddress(before) === hasAddress(after) &&
    semanticEqual(addressesOf(before), addressesOf(after))
  );
}

function showsTheSamePlace({ spec: before }: Pod, { spec: after }: Pod): boolean {
  if (before === after) return true;
  return (
    before.nodeName === after.nodeName && before.hostname === after.hostname && before.subdomain === after.subdomain
  );
}

const isEnding = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
