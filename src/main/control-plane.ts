/** Runs controllers, autoscaler and scheduler, each as the user it is and with the rights of that user alone. */
import type { RequestHandler, UserInfo } from '#api/request';
import { runHorizontalAutoscaler } from '#autoscale/horizontal/controller';
import type { Client } from '#client/client';
import { inProcessClient } from '#client/in-process';
import type { Informers } from '#client/informer';
import { createInformers } from '#client/informers';
import type { SignCertificate } from '#controllers/certificate-signing/controller';
import { runControllers } from '#controllers/run-controllers';
import { postJson } from '#client/https/post-json';
import type { CallExtender } from '#scheduler/extenders/extender';
import type { SchedulerConfig } from '#scheduler/config/scheduler-config';
import type { SchedulingView } from '#scheduler/explain/explainer';
import { runScheduler } from '#scheduler/scheduler';
import { componentUser, controllerUser } from './identities.ts';
import { PartHealth } from './part-health.ts';
import type { Surroundings } from './surroundings.ts';

type Parts = {
  readonly handle: RequestHandler;
  /** Where others in this process look at the whole cluster too; otherwise what the controllers may see. */
  readonly informers?: Informers;
  /** PEM of the authority by which pods recognise the API server. */
  readonly authority: string;
  readonly signCertificate: SignCertificate;
  readonly automaticRollback?: boolean;
  readonly schedulerConfig?: SchedulerConfig;
  readonly health: ControlPlaneHealth;
  /** Hears what the scheduler sees, once it sees it. */
  readonly onView?: (view: SchedulingView) => void;
};

export type ControlPlaneHealth = { readonly scheduler: PartHealth; readonly controllers: PartHealth };

/** Before anything runs. */
export const controlPlaneHealth = (): ControlPlaneHealth => ({
  scheduler: new PartHealth('scheduler'),
  controllers: new PartHealth('controller-manager'),
});

/** Runs until the signal aborts or a part fails. */
export async function runControlPlane(parts: Parts, surroundings: Surroundings): Promise<void> {
  const { handle, health, schedulerConfig, onView, informers: shared, ...facts } = parts;
  const callExtender: CallExtender = (call) => postJson(call, surroundings.world);
  const config = {
    ...(schedulerConfig === undefined ? {} : { config: schedulerConfig, callExtender }),
    ...(onView === undefined ? {} : { onView }),
  };
  const clientOf = (user: UserInfo): Client => inProcessClient(handle, user);
  const clientFor = (account: string): Client => clientOf(controllerUser(account));
  const manager = clientOf(componentUser('kube-controller-manager'));
  const informers = shared ?? createInformers({ client: manager, ...surroundings });
  await Promise.all([
    health.controllers.run(() => runControllers({ client: manager, clientFor, ...facts, informers, ...surroundings })),
    runHorizontalAutoscaler({ client: clientFor('horizontal-pod-autoscaler'), informers, ...surroundings }),
    health.scheduler.run(() =>
      runScheduler({ client: clientOf(componentUser('kube-scheduler')), informers, ...config, ...surroundings }),
    ),
  ]);
}
