/** Runs all controllers side by side. */
import { KINDS } from '#api/kinds';
import type { ResourceDefinition } from '#api/resource';
import type { Client } from '#client/client';
import { createEventRecorder } from '#client/event-recorder';
import type { Informers } from '#client/informer';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import { type ClusterFacts, controllersOfAllKinds, controllersOfOwnKinds } from './controllers.ts';
import { runForKinds } from './custom-kinds/run-for-kinds.ts';
import type { Controller } from './framework/controller.ts';
import { runController } from './framework/run-controller.ts';

export type ControllersOptions = ClusterFacts & {
  /** With the rights to read everything through the informers. */
  readonly client: Client;
  /** With the rights of a controller's service account; `client` for all unless said. */
  readonly clientFor?: (account: string) => Client;
  readonly informers: Informers;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The built-in kinds that namespaces and owners are followed through; all that are switched on unless said. Custom ones are added as they come. */
  readonly kinds?: readonly ResourceDefinition[];
  /** Which of them run, by name; all unless said. */
  readonly only?: (name: string) => boolean;
};

type RunScope = Pick<ControllersOptions, 'informers' | 'signal'>;

/** Of all that `runControllers` can run. */
export function controllerNames(facts: ClusterFacts): readonly string[] {
  return [...controllersOfOwnKinds(facts), ...controllersOfAllKinds([])].map(({ name }) => name);
}

/** Runs until the signal aborts; resolves when every controller has finished what it was doing. */
export async function runControllers({
  kinds = KINDS,
  clientFor,
  only = () => true,
  ...options
}: ControllersOptions): Promise<void> {
  const isChosen = ({ name }: Controller): boolean => only(name);
  const run = (controller: Controller, within: RunScope = options): Promise<void> => {
    const client = clientFor?.(controller.account ?? controller.name) ?? options.client;
    const events = createEventRecorder({
      ...options,
      ...within,
      client,
      component: controller.eventSource ?? controller.name,
    });
    return runController(controller, { ...options, ...within, client, events });
  };
  const ofOwnKinds = controllersOfOwnKinds(options).filter(isChosen);
  const running = ofOwnKinds.map((controller) => run(controller));
  if (controllersOfAllKinds([]).some(isChosen)) {
    const forKinds = runForKinds({ ...options, kinds }, async ({ kinds: all, informers, signal }) => {
      const chosen = controllersOfAllKinds(all).filter(isChosen);
      await Promise.all(chosen.map((controller) => run(controller, { informers, signal })));
    });
    running.push(forKinds);
  }
  await Promise.all(running);
}
