/** The metadata the server owns: what it fills in on creation, and what it carries over on updates. */
import { generatedName } from '#api/meta/generated-name';
import { formatTime } from '#api/meta/time';
import type { ObjectMeta } from '#api/types/meta-v1';
import type { World } from '#base/world';

/** What a client may say about metadata; the rest of what it sent is not kept. */
type Given = Pick<
  ObjectMeta,
  'name' | 'generateName' | 'namespace' | 'labels' | 'annotations' | 'ownerReferences' | 'finalizers'
>;

const GIVEN = [
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
] as const satisfies readonly (keyof Given)[];

/** The metadata of a new object. `generation` is for kinds whose spec and status change apart. */
export function metadataForCreate(
  sent: Partial<ObjectMeta>,
  { world, namespace, generation }: { world: World; namespace: string | undefined; generation: boolean },
): ObjectMeta {
  const given = pick(sent);
  const name = given.name || (given.generateName ? generatedName(given.generateName, world.random) : '');
  return {
    ...given,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: world.newId(),
    resourceVersion: '',
    ...(generation ? { generation: 1 } : {}),
    creationTimestamp: formatTime(world.clock.now()),
  };
}

/** The metadata of an update: the client's, but what only the server may change stays unless the client contradicts it. */
export function metadataForUpdate(sent: Partial<ObjectMeta>, stored: ObjectMeta): ObjectMeta {
  const given = pick(sent);
  const { selfLink: _, managedFields, ...kept } = stored;
  return {
    ...given,
    name: given.name ?? stored.name,
    ...(stored.namespace === undefined ? {} : { namespace: given.namespace ?? stored.namespace }),
    uid: sent.uid || stored.uid,
    resourceVersion: stored.resourceVersion,
    ...(stored.generation === undefined ? {} : { generation: stored.generation }),
    creationTimestamp: stored.creationTimestamp,
    ...deletionOf(sent, kept),
    ...(managedFields === undefined ? {} : { managedFields }),
  };
}

// A client that sets a deletion time on a living object is told so by validation; one that drops it is ignored.
function deletionOf(sent: Partial<ObjectMeta>, stored: ObjectMeta): Partial<ObjectMeta> {
  const deletionTimestamp = stored.deletionTimestamp ?? sent.deletionTimestamp;
  const deletionGracePeriodSeconds = sent.deletionGracePeriodSeconds ?? stored.deletionGracePeriodSeconds;
  return {
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
}

function pick(sent: Partial<ObjectMeta>): Partial<Given> {
  const given: Record<string, unknown> = {};
  for (const field of GIVEN) if (sent[field] !== undefined && sent[field] !== null) given[field] = sent[field];
  return given;
}
