/** Gives claims their volumes: one that is there and fits, or one that is made for them. */
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { BIND_COMPLETED, PROVISIONERS, SELECTED_NODE } from '#api/core/volume/annotations';
import { keptFor } from '#api/core/volume/keep-for';
import { LOCAL_PROVISIONER } from '#api/core/volume/local-volumes';
import { storageClassOf } from '#api/core/volume/storage-class';
import { isApiError } from '#api/errors';
import { StorageClass } from '#api/storage/storage-class';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { defineController, on, type Context } from '../framework/controller.ts';
import { annotated, boundTo, inPhase, reportedBound } from './plan-binding.ts';
import { planClaim, type Told } from './plan-claim.ts';
import { planLocalVolume } from './plan-local-volume.ts';

export const claimBinder = defineController({
  name: 'claim-binder',
  account: 'persistent-volume-binder',
  eventSource: 'persistentvolume-controller',
  reads: [PersistentVolumeClaim, PersistentVolume, StorageClass, Node],
  writes: [PersistentVolumeClaim, PersistentVolume],
  triggers: [
    on(PersistentVolumeClaim, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    on(PersistentVolume, ({ before, after }, context) => [
      ...claimOf(after ?? before),
      ...(after !== undefined && after.spec.claimRef === undefined ? waiting(context, storageClassOf(after)) : []),
    ]),
    on(StorageClass, ({ after }, context) => (after === undefined ? [] : waiting(context, after.metadata.name))),
    on(Node, ({ before, after }, context) =>
      before === undefined && after !== undefined ? waiting(context, undefined) : [],
    ),
  ],
  async reconcile(key, context) {
    const claim = context.get(PersistentVolumeClaim, refOfKey(key));
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
    const storageClass = context.get(StorageClass, { name: storageClassOf(claim) });
    const plan = planClaim({ claim, volumes: context.informer(PersistentVolume).list(), storageClass });
    switch (plan.action) {
      case 'bind':
        return await bind(claim, plan.volume, context);
      case 'provision':
        return await provision(claim, plan.storageClass, context);
      case 'lose':
        return await lose(claim, plan.told, context);
      case 'wait':
        if (plan.told !== undefined) context.events.report(claim, plan.told);
    }
  },
});

function claimOf(volume: PersistentVolume | undefined): readonly string[] {
  const { name = '', namespace } = volume?.spec.claimRef ?? {};
  return name === '' ? [] : [keyOfRef({ namespace, name })];
}

/** Claims that have no volume, of a class if one is told. */
function waiting(context: Context, storageClass: string | undefined): readonly string[] {
  return context
    .informer(PersistentVolumeClaim)
    .list()
    .filter(({ metadata }) => metadata.annotations?.[BIND_COMPLETED] === undefined)
    .filter((claim) => storageClass === undefined || storageClassOf(claim) === storageClass)
    .map(keyOf);
}

/** First the volume, so that no other claim takes it; whoever is interrupted goes on where this ended. */
async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume, { client, now }: Context): Promise<void> {
  const kept = keptFor(volume, claim);
  const held = kept === volume ? volume : await client.update(PersistentVolume, kept);
  const phased = inPhase(held, { phase: 'Bound' }, now());
  if (phased !== held) await client.update(PersistentVolume, phased, { subresource: 'status' });
  const bound = boundTo(claim, held);
  const named = bound === claim ? claim : await client.update(PersistentVolumeClaim, bound);
  const reported = reportedBound(named, held);
  if (reported !== named) await client.update(PersistentVolumeClaim, reported, { subresource: 'status' });
}

async function lose(claim: PersistentVolumeClaim, told: Told, { client, events }: Context): Promise<void> {
  if (claim.status?.phase === 'Lost') return;
  const lost = { ...claim, status: { phase: 'Lost' } };
  await client.update(PersistentVolumeClaim, lost, { subresource: 'status' });
  events.report(claim, told);
}

async function provision(claim: PersistentVolumeClaim, storageClass: StorageClass, context: Context): Promise<void> {
  const { client, events } = context;
  const { provisioner } = storageClass;
  const asked = await askProvisioner(claim, provisioner, context);
  if (provisioner !== LOCAL_PROVISIONER) {
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    events.report(asked, { type: 'Normal', reason: 'ExternalProvisioning', message });
    return;
  }
  const nodes = context.informer(Node).list();
  const plan = planLocalVolume({ claim: asked, storageClass, nodes });
  if ('problem' in plan) {
    const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${plan.problem}`;
    events.report(asked, { type: 'Warning', reason: 'ProvisioningFailed', message });
    return plan.of === 'node' ? await unplace(asked, context) : undefined;
  }
  try {
    const { metadata } = await client.create(PersistentVolume, plan.volume);
    const message = `Successfully provisioned volume ${metadata.name}`;
    events.report(asked, { type: 'Normal', reason: 'ProvisioningSucceeded', message });
  } catch (error) {
    // It was made before; that it is there brings the claim back.
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

/** The scheduler looks for another node. */
async function unplace(claim: PersistentVolumeClaim, { client }: Context): Promise<void> {
  const { [SELECTED_NODE]: node, ...annotations } = claim.metadata.annotations ?? {};
  if (node === undefined) return;
  await client.update(PersistentVolumeClaim, { ...claim, metadata: { ...claim.metadata, annotations } });
}

/** Tells whose turn it is, in the way that provisioners look for. */
async function askProvisioner(
  claim: PersistentVolumeClaim,
  provisioner: string,
  { client }: Context,
): Promise<PersistentVolumeClaim> {
  if (PROVISIONERS.every((name) => claim.metadata.annotations?.[name] === provisioner)) return claim;
  const annotations = Object.fromEntries(PROVISIONERS.map((name) => [name, provisioner]));
  return await client.update(PersistentVolumeClaim, annotated(claim, annotations));
}
