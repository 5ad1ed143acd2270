/** Runs controllers, autoscaler and scheduler, each as the user it is and with the rights of that user alone. */
import type { RequestHandler, UserInfo } from '#api/request';
import { runHorizontalAutoscaler } from '#autoscale/horizontal/controller';
import type { Client } from '#client/client';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import type { SignCertificate } from '#controllers/certificate-signing/controller';
import { runControllers } from '#controllers/run-controllers';
import { runScheduler } from '#scheduler/scheduler';
import { componentUser, controllerUser } from './identities.ts';
import type { Surroundings } from './surroundings.ts';

type Parts = {
  readonly handle: RequestHandler;
  /** PEM of the authority by which pods recognise the API server. */
  readonly authority: string;
  readonly signCertificate: SignCertificate;
};

/** Runs until the signal aborts or a part fails. */
export async function runControlPlane(parts: Parts, surroundings: Surroundings): Promise<void> {
  const { handle, ...facts } = parts;
  const clientOf = (user: UserInfo): Client => inProcessClient(handle, user);
  const clientFor = (account: string): Client => clientOf(controllerUser(account));
  const manager = clientOf(componentUser('kube-controller-manager'));
  const informers = createInformers({ client: manager, ...surroundings });
  await Promise.all([
    runControllers({ client: manager, clientFor, ...facts, informers, ...surroundings }),
    runHorizontalAutoscaler({ client: clientFor('horizontal-pod-autoscaler'), informers, ...surroundings }),
    runScheduler({ client: clientOf(componentUser('kube-scheduler')), informers, ...surroundings }),
  ]);
}
