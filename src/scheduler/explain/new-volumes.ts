/** Which persistent volumes to create, so that the claims of a waiting pod find some. */
import { BIND_COMPLETED, SELECTED_NODE } from '#api/core/volume/annotations';
import { NO_PROVISIONER, storageClassOf } from '#api/core/volume/storage-class';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '#api/types/core-v1';
import { claimedVolumes } from '../plugins/pod-volumes.ts';
import { volumeBinding } from '../plugins/claims.ts';
import { NOT_ENOUGH } from '../volumes/plan-volumes.ts';
import type { Change, Creatable } from './change.ts';
import { placedAfter, type Waiting } from './try-change.ts';
import type { NodeVerdict } from './verdicts.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const EFFORT = 3;

/** For claims that wait for the pod: on a node that nothing else keeps it from. */
export function planVolumesOnNode(waiting: Waiting, verdicts: readonly NodeVerdict[]): readonly Change[] {
  const lacking = verdicts.find(({ refusals }) => refusals.length > 0 && refusals.every(isOfBinding));
  const node = lacking && waiting.state.nodeAt(lacking.slot);
  const open = openClaims(waiting).filter(({ metadata }) => metadata.annotations?.[SELECTED_NODE] === undefined);
  if (node === undefined || !open.every((claim) => isShort(lacking) || mayHaveOne(claim, waiting))) return [];
  for (const some of [...open.map((claim) => [claim]), open]) {
    const volumes = some.map((claim) => volumeFor(claim, node));
    const places = placedAfter(supposing(waiting, volumes), {});
    if (places > 0) return [creation(some, { volumes, places, where: ` that node ${node.metadata.name} can use` })];
  }
  return [];
}

/** For claims that wait for nobody, and for whom nobody makes a volume. */
export function planVolumesAnywhere(waiting: Waiting): readonly Change[] {
  const { profile } = waiting;
  const open = openClaims(waiting);
  if (!open.every((claim) => mayHaveOne(claim, waiting))) return [];
  // Where the volumes are is for their author to say.
  const filters = profile.filters.filter(({ name }) => name !== volumeBinding.name);
  const places = placedAfter({ ...waiting, profile: { ...profile, filters } }, {});
  const volumes = open.map((claim) => volumeFor(claim));
  return places === 0 ? [] : [creation(open, { volumes, places, where: '' })];
}

const isOfBinding = ({ plugin }: NodeVerdict['refusals'][number]): boolean => plugin === volumeBinding.name;

/** Whoever makes the volumes has no room for them there. */
const isShort = (verdict: NodeVerdict | undefined): boolean =>
  verdict?.refusals.some(({ refusal }) => refusal.reasons.includes(NOT_ENOUGH)) ?? false;

const openClaims = ({ pod, state }: Waiting): readonly PersistentVolumeClaim[] =>
  claimedVolumes(pod, state.storage)
    .map(({ claim }) => claim)
    .filter(({ metadata }) => metadata.annotations?.[BIND_COMPLETED] === undefined);

/** One that somebody makes, that is named, or that is chosen by more than single labels, is not for us to make up. */
function mayHaveOne(claim: PersistentVolumeClaim, { state }: Waiting): boolean {
  const { provisioner = NO_PROVISIONER } = state.storage.storageClass(storageClassOf(claim)) ?? {};
  const { volumeName = '', selector } = claim.spec;
  return provisioner === NO_PROVISIONER && volumeName === '' && (selector?.matchExpressions ?? []).length === 0;
}

function volumeFor({ metadata, spec }: PersistentVolumeClaim, node?: Node): PersistentVolume {
  const name = `volume-for-${metadata.name}`;
  const { accessModes = [], storageClassName, volumeMode, resources, selector } = spec;
  const labels = selector?.matchLabels;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '', ...(labels && { labels }) },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      ...(storageClassName === undefined ? {} : { storageClassName }),
      ...(volumeMode === undefined ? {} : { volumeMode }),
      ...(node === undefined ? {} : onlyOn(node)),
      hostPath: { path: `/srv/${name}` },
    },
    status: { phase: 'Available' },
  };
}

function onlyOn({ metadata: { labels = {} } }: Node): Pick<PersistentVolume['spec'], 'nodeAffinity'> {
  const hostname = labels[HOSTNAME];
  if (hostname === undefined) return {};
  const matchExpressions = [{ key: HOSTNAME, operator: 'In', values: [hostname] }];
  return { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } };
}

function supposing(waiting: Waiting, volumes: readonly PersistentVolume[]): Waiting {
  const filters = waiting.profile.filters.map((plugin) => plugin.supposing?.(volumes) ?? plugin);
  return { ...waiting, profile: { ...waiting.profile, filters } };
}

type Creation = { readonly volumes: readonly PersistentVolume[]; readonly places: number; readonly where: string };

function creation(claims: readonly PersistentVolumeClaim[], { volumes, places, where }: Creation): Change {
  const texts = claims.map((claim, index) => {
    const size = volumes[index]?.spec.capacity?.['storage'] ?? '0';
    const name = storageClassOf(claim);
    const ofClass = name === '' ? '' : ` of storage class ${name}`;
    return `a persistent volume of ${size}${ofClass}${where}, for the claim ${claim.metadata.name}`;
  });
  return {
    text: `create ${texts.join(', and ')}`,
    effort: EFFORT * claims.length,
    places,
    nodes: [],
    creates: volumes.map(asCreated),
  };
}

function asCreated({ apiVersion, kind, metadata: { name, labels }, spec }: PersistentVolume): Creatable {
  return { apiVersion, kind, metadata: { name, ...(labels && { labels }) }, spec };
}
