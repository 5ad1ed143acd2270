/** Which container's log a request is about, in upstream's words where there is none. */
import type { ContainerStatus, PodStatus } from '#api/types/core-v1';

export class LogRefusal extends Error {
  override readonly name = 'LogRefusal';
}

/** The id, without the runtime's name before it. Throws `LogRefusal`. */
export function loggedContainer(
  { name, status }: { readonly name: string; readonly status: PodStatus },
  container: string,
  previous: boolean,
): string {
  const lists = [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses];
  const found = lists.flatMap((list) => list ?? []).find((each) => each.name === container);
  const about = `container ${JSON.stringify(container)} in pod ${JSON.stringify(name)}`;
  if (found === undefined) throw new LogRefusal(`${about} is not available`);
  const id = previous ? previousId(found, container, name) : (currentId(found) ?? waits(found, about));
  return id.slice(id.indexOf('://') + '://'.length);
}

function previousId({ lastState }: ContainerStatus, container: string, name: string): string {
  const id = lastState?.terminated?.containerID;
  if (id !== undefined && id !== '') return id;
  const about = `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)}`;
  throw new LogRefusal(`${about} not found`);
}

function currentId({ state = {}, lastState, containerID }: ContainerStatus): string | undefined {
  if (state.running !== undefined) return containerID;
  return state.terminated?.containerID ?? lastState?.terminated?.containerID;
}

function waits({ state = {} }: ContainerStatus, about: string): never {
  if (state.terminated !== undefined) throw new LogRefusal(`${about} is terminated`);
  const reason = state.waiting?.reason ?? 'no logs yet';
  const texts: Readonly<Record<string, string>> = {
    ErrImagePull: "image can't be pulled",
    ImagePullBackOff: 'trying and failing to pull image',
  };
  throw new LogRefusal(`${about} is waiting to start: ${texts[reason] ?? reason}`);
}
