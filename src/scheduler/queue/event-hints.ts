/** Which events may help which waiting pods: what the plugins that refused them say. */
import type { Pod } from '#api/core/pod';
import { EXTENDER } from '../extenders/extenders.ts';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import type { Profile } from '../framework/plugin.ts';
import { GANG_SCHEDULING } from '../gangs/gangs.ts';
import { podShape } from '../snapshot/pod-shape.ts';
import type { QueueOptions } from './scheduling-queue.ts';

/** What refuses a pod when there is no node that could. */
export const NO_NODES = '';

type Wakes = (event: ClusterEvent, pod: Pod) => boolean;
type Hints = Required<Pick<QueueOptions<ClusterEvent>, 'helps' | 'listens' | 'kindOf' | 'ownChange'>>;

// A pod that gets a node comes with every other pod that is placed, and helps only those that want to be near or even.
const LISTENING_FOR_NEW_PODS: ReadonlySet<string> = new Set(['InterPodAffinity', 'PodTopologySpread']);

export const SCHEDULING_GATES = 'SchedulingGates';
export const DEFAULT_PREEMPTION = 'DefaultPreemption';
// What these wait for is no event of the cluster: the pod itself, its victims or its gang bring it back. Thousands of pods may wait so.
const DEAF: ReadonlySet<string> = new Set([SCHEDULING_GATES, DEFAULT_PREEMPTION, GANG_SCHEDULING]);

/** `profileOf` tells which profile places a pod. */
export function eventHints(profileOf: (pod: Pod) => Profile | undefined): Hints {
  const wakesByProfile = new WeakMap<Profile, ReadonlyMap<string, Wakes>>();
  const wakesOf = (profile: Profile): ReadonlyMap<string, Wakes> => {
    const known = wakesByProfile.get(profile);
    if (known !== undefined) return known;
    const made = wakesOfPlugins(profile);
    wakesByProfile.set(profile, made);
    return made;
  };
  return {
    listens: (plugin, { kind }) => !DEAF.has(plugin) && (kind !== 'PodAdded' || LISTENING_FOR_NEW_PODS.has(plugin)),
    helps: (plugin, event, pod) => {
      const profile = profileOf(pod);
      return profile !== undefined && (wakesOf(profile).get(plugin)?.(event, pod) ?? false);
    },
    kindOf,
    ownChange: (before, pod) => ({ kind: 'OwnChange', before, pod }),
  };
}

// Of what is in these, nobody but the pod itself takes note.
const PRIVATE = ['projected', 'configMap', 'secret', 'emptyDir', 'downwardAPI', 'hostPath'] as const;

/** What hints look at of a pod. Claims and disks are each pod's own affair. */
function kindOf({ spec, metadata: { namespace = '', labels } }: Pod): string | undefined {
  const { volumes = [], resourceClaims = [] } = spec;
  if (resourceClaims.length > 0 || volumes.some((volume) => PRIVATE.every((type) => volume[type] === undefined)))
    return undefined;
  return `${spec.schedulerName} ${podShape(spec).number} ${namespace} ${JSON.stringify(labels)}`;
}

/** A plugin that says nothing is thought to be helped by everything. */
function wakesOfPlugins({ filters }: Profile): ReadonlyMap<string, Wakes> {
  const ofFilters = filters.map(({ name, wakes = () => true }): [string, Wakes] => [name, wakes]);
  return new Map([
    [EXTENDER, (): boolean => true],
    [NO_NODES, ({ kind }): boolean => kind === 'NodeAdded'],
    ...ofFilters,
  ]);
}
