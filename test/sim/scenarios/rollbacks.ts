/** Revisions that never become available: taken back by themselves, mended, undone, or left because somebody wants it so. */
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import type { Acting, Scenario, Step } from '../scenario.ts';
import { change, changeNow, create, named, template, withReplicas } from './acts.ts';

type Template = ReturnType<typeof template>;

const REPLICAS = 3;
const LOOK_EVERY_MS = 1_000;
// Long enough for a revision that works, whatever befalls the controllers meanwhile.
const PATIENT = 1_200;
const HASTY = 30;

const deployment = (name: string, annotations: Readonly<Record<string, string>> = {}) => ({
  metadata: { ...named(name), annotations },
  spec: {
    replicas: REPLICAS,
    minReadySeconds: 5,
    progressDeadlineSeconds: PATIENT,
    selector: { matchLabels: { app: name } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    template: template(name, 'app:1'),
  },
});

/** Its pods run, and what they wait for to be ready never comes. */
const unready = (name: string): Template =>
  template(name, 'bad:1', { spec: { readinessGates: [{ conditionType: 'example.com/never' }] } });

/** No node has room for it. */
const huge = (name: string) => template(name, 'bad:2', { cpu: '500' });

const withTemplate =
  (next: Template, progressDeadlineSeconds: number) =>
  (found: Deployment): Deployment => ({
    ...found,
    spec: { ...found.spec, progressDeadlineSeconds, template: next as never },
  });

/** As soon as the first revision has worked: before that there is nothing to go back to. */
const onceHealthy = (name: string, next: Template): Step => ({
  atSeconds: 20,
  act: async (acting) => {
    await until(acting, async ({ admin }) => {
      const { items } = await admin.list(ReplicaSet, { namespace: named(name).namespace });
      return items.some(
        ({ metadata, status }) =>
          metadata.ownerReferences?.some((owner) => owner.name === name) === true &&
          status?.availableReplicas === REPLICAS &&
          (name === 'left' || metadata.annotations?.['tutti.io/healthy-revision'] !== undefined),
      );
    });
    await changeNow(acting, [Deployment, named(name)], withTemplate(next, HASTY));
  },
});

/** What a user does who reads that the revision was taken back. */
const onceRolledBack = (name: string, edit: (found: Deployment) => Deployment): Step => ({
  atSeconds: 30,
  act: async (acting) => {
    await until(acting, async ({ admin }) => {
      const { status } = await admin.get(Deployment, named(name));
      return status?.conditions?.some(({ type, status: is }) => type === 'RolledBack' && is === 'True') === true;
    });
    await changeNow(acting, [Deployment, named(name)], edit);
  },
});

async function until(acting: Acting, isSo: (acting: Acting) => Promise<boolean>): Promise<void> {
  while (!(await isSo(acting))) await acting.world.clock.sleep(LOOK_EVERY_MS);
}

export const rollback: Scenario = {
  name: 'rollback',
  nodes: 3,
  faults: 'control plane',
  pledges: ['held', 'mended', 'undone', 'left'].map((app) => ({ app, leastReady: REPLICAS - 1 })),
  steps: [
    create(0, Deployment, deployment('held')),
    create(0, Deployment, deployment('mended')),
    create(0, Deployment, deployment('undone')),
    create(0, Deployment, deployment('left', { 'tutti.io/automatic-rollback': 'false' })),
    onceHealthy('held', unready('held')),
    onceHealthy('mended', huge('mended')),
    onceHealthy('undone', unready('undone')),
    onceHealthy('left', huge('left')),
    onceRolledBack('mended', withTemplate(template('mended', 'app:2'), PATIENT)),
    onceRolledBack('undone', withTemplate(template('undone', 'app:1'), PATIENT)),
    change(140, [Deployment, named('held')], withReplicas(REPLICAS + 1)),
  ],
};
