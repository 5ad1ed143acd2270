/** What can be done when a plugin refuses the pod as such, before any node is asked. */
import type { Pod } from '#api/core/pod';
import type { Change, Creatable } from './change.ts';
import { planVolumesAnywhere } from './new-volumes.ts';
import { dropAffinity } from './remedies/node-labels.ts';
import { placedAfter, type Waiting } from './try-change.ts';

// As VolumeBinding says it.
const UNBOUND = 'pod has unbound immediate PersistentVolumeClaims';

type Because = { readonly plugin: string; readonly text: string };

export function planPodRemedies(waiting: Waiting, because: Because): readonly Change[] {
  const missing = /^persistentvolumeclaim "([^"]+)" not found/.exec(because.text)?.[1];
  if (missing !== undefined) return withClaim(waiting, missing, because.plugin);
  if (because.text === UNBOUND) return planVolumesAnywhere(waiting);
  if (because.plugin !== 'NodeAffinity') return [];
  const places = placedAfter(waiting, { pod: dropAffinity.pod });
  const { text, effort, pod } = dropAffinity;
  return places === 0 ? [] : [{ text, effort, places, pod: pod(waiting.pod), nodes: [] }];
}

/** Tried without the plugin that misses it: where the claim's volume comes to be is not known before. */
function withClaim(waiting: Waiting, name: string, plugin: string): readonly Change[] {
  const { profile, pod } = waiting;
  const filters = profile.filters.filter((each) => each.name !== plugin);
  const places = placedAfter({ ...waiting, profile: { ...profile, filters } }, {});
  if (places === 0) return [];
  return [
    { text: `create the persistent volume claim ${name}`, effort: 2, places, nodes: [], creates: [claim(name, pod)] },
  ];
}

const claim = (name: string, { metadata: { namespace } }: Pod): Creatable => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});
