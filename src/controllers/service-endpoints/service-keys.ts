/** Which services a change of a pod concerns. */
import { Service } from '#api/core/service';
import { hasLabels } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { Pod } from '#api/types/core-v1';
import type { Change } from '#client/informer';
import { keyOf } from '#client/key';
import { isReady, readySinceMs } from '#api/core/pod-state';
import type { Context } from '../framework/controller.ts';
import { addressesOf, hasAddress, hasOwnEndpoints } from './plan-membership.ts';

const NOBODY: ReadonlySet<string> = new Set();

/** The keys of the services that select the pod, or did before; none when nothing changed that they look at. */
export function serviceKeys({ before, after }: Change<Pod>, context: Context): ReadonlySet<string> {
  const { namespace = '' } = (after ?? before)?.metadata ?? {};
  if (context.informer(Service).list(namespace).length === 0) return NOBODY;
  if (before !== undefined && after !== undefined && semanticEqual(shownBy(before), shownBy(after))) return NOBODY;
  return new Set([...selecting(before, context), ...selecting(after, context)]);
}

function selecting(pod: Pod | undefined, context: Context): readonly string[] {
  if (pod === undefined) return [];
  return context
    .informer(Service)
    .list(pod.metadata.namespace ?? '')
    .filter((service) => hasOwnEndpoints(service) && hasLabels(pod.metadata.labels, service.spec.selector ?? {}))
    .map(keyOf);
}

/** All that endpoints show of a pod. */
function shownBy(pod: Pod): unknown {
  const { uid, labels, deletionTimestamp } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec;
  const state = [hasAddress(pod), addressesOf(pod), isReady(pod), readySinceMs(pod), deletionTimestamp !== undefined];
  return [uid, labels, nodeName, hostname, subdomain, state];
}
