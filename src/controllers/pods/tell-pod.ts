/** Notes on a pod why it is about to go: whatever else is written to it meanwhile. */
import { Pod } from '#api/core/pod';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { refOf } from '#api/object';
import type { PodCondition, PodStatus } from '#api/types/core-v1';
import type { Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';

export type Told = {
  readonly phase?: string;
  /** Without its time. */
  readonly condition?: PodCondition;
};

/** The pod as it is then; undefined when it is gone. */
export async function tellPod(pod: Pod, { phase, condition }: Told, context: Context): Promise<Pod | undefined> {
  const { status = {}, metadata } = pod;
  const conditions = condition && newCondition(status, condition, context.now());
  if ((phase === undefined || phase === status.phase) && conditions === undefined) return pod;
  const changes = { ...(phase === undefined ? {} : { phase }), ...(conditions && { conditions }) };
  // The uid makes sure that no other pod of the name is meant.
  const document = { metadata: { uid: metadata.uid }, status: changes };
  const patch = { type: 'application/strategic-merge-patch+json', document } as const;
  return await unlessMissing(context.client.patch(Pod, { ref: refOf(pod), patch }, { subresource: 'status' }));
}

/** As a patch has it; undefined when the pod says so already. */
function newCondition(
  { conditions = [] }: PodStatus,
  condition: PodCondition,
  nowMs: number,
): readonly PodCondition[] | undefined {
  const next = setCondition(conditions, { ...condition, lastTransitionTime: formatTime(nowMs) });
  return next === conditions ? undefined : next.filter(({ type }) => type === condition.type);
}
