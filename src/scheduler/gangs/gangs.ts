/** Which pods belong to which pod group, and which groups have enough of them to be tried. */
import type { Pod } from '#api/core/pod';
import type { PodGroup } from '#api/scheduling/pod-group';

/** The plugin in whose name pods of gangs wait. */
export const GANG_SCHEDULING = 'GangScheduling';

type Members = {
  group: PodGroup | undefined;
  readonly waiting: Set<string>;
  readonly placed: Set<string>;
};

/** A gang that has fewer pods on nodes than it needs. */
export type Gang = {
  readonly group: PodGroup;
  readonly minCount: number;
  readonly waiting: ReadonlySet<string>;
  /** How many of its pods have a node. */
  readonly placed: number;
};

const NOBODY: readonly string[] = [];

export class Gangs {
  readonly #members = new Map<string, Members>();

  /** Returns the pods that may be tried from now on. */
  setGroup(key: string, group: PodGroup | undefined): readonly string[] {
    const members = this.#membersOf(key);
    members.group = group;
    this.#forget(key, members);
    return [...members.waiting];
  }

  /** The pod waits for a node. Returns the pods that its coming makes enough. */
  wait(pod: Pod): readonly string[] {
    const key = groupKeyOf(pod);
    if (key === undefined) return NOBODY;
    const members = this.#membersOf(key);
    const { uid } = pod.metadata;
    const isNew = !members.waiting.has(uid) && !members.placed.has(uid);
    members.placed.delete(uid);
    members.waiting.add(uid);
    return isNew && sizeOf(members) === members.group?.spec.schedulingPolicy.gang?.minCount
      ? [...members.waiting]
      : NOBODY;
  }

  /** The pod has a node. Returns the pods that its coming makes enough. */
  place(pod: Pod): readonly string[] {
    const ready = this.wait(pod);
    const members = this.#members.get(groupKeyOf(pod) ?? '');
    members?.waiting.delete(pod.metadata.uid);
    members?.placed.add(pod.metadata.uid);
    return ready;
  }

  /** The pod has ended, or is on its way out. */
  leave(pod: Pod): void {
    const key = groupKeyOf(pod);
    const members = key === undefined ? undefined : this.#members.get(key);
    if (key === undefined || members === undefined) return;
    members.waiting.delete(pod.metadata.uid);
    members.placed.delete(pod.metadata.uid);
    this.#forget(key, members);
  }

  /** Its group is not there yet, or not enough pods of its gang are. */
  hasToWait(pod: Pod): boolean {
    const key = groupKeyOf(pod);
    if (key === undefined) return false;
    const members = this.#members.get(key);
    if (members?.group === undefined) return true;
    const minCount = members.group.spec.schedulingPolicy.gang?.minCount;
    return minCount !== undefined && sizeOf(members) < minCount;
  }

  /** Undefined for pods that are placed each for itself. */
  gangOf(pod: Pod): Gang | undefined {
    const key = groupKeyOf(pod);
    const { group, waiting, placed } = (key === undefined ? undefined : this.#members.get(key)) ?? {};
    const minCount = group?.spec.schedulingPolicy.gang?.minCount;
    if (group === undefined || waiting === undefined || placed === undefined || minCount === undefined)
      return undefined;
    return placed.size >= minCount ? undefined : { group, minCount, waiting, placed: placed.size };
  }

  /** A gang some of whose pods are there, though not as many as it needs. */
  shortOf(key: string): { readonly group: PodGroup; readonly minCount: number; readonly present: number } | undefined {
    const members = this.#members.get(key);
    const minCount = members?.group?.spec.schedulingPolicy.gang?.minCount;
    if (members?.group === undefined || minCount === undefined) return undefined;
    const present = sizeOf(members);
    return present > 0 && present < minCount ? { group: members.group, minCount, present } : undefined;
  }

  /** How many pods of the group have a node. */
  placedOf({ metadata: { namespace, name } }: PodGroup): number {
    return this.#members.get(groupKey(namespace, name))?.placed.size ?? 0;
  }

  #membersOf(key: string): Members {
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    const made = { group: undefined, waiting: new Set<string>(), placed: new Set<string>() };
    this.#members.set(key, made);
    return made;
  }

  #forget(key: string, members: Members): void {
    if (members.group === undefined && sizeOf(members) === 0) this.#members.delete(key);
  }
}

const sizeOf = ({ waiting, placed }: Members): number => waiting.size + placed.size;

export const groupKey = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

export function groupKeyOf({ spec, metadata }: Pod): string | undefined {
  const name = spec.schedulingGroup?.podGroupName;
  return name === undefined ? undefined : groupKey(metadata.namespace, name);
}
