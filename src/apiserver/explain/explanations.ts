/** `explain.tutti.io/v1`: why pods are where they are, or have no node, and what would get them one. */
import { whyNotFine } from '#api/core/pod/why';
import { ApiError, notFoundError } from '#api/errors';
import { PodExplanation } from '#api/explain/pod-explanation';
import { column, NAME_COLUMN } from '#api/meta/columns';
import { matchesLabels } from '#api/meta/label-selector';
import { parseSelector } from '#api/meta/label-selector-parser';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { Column } from '#api/resource';
import type { Pod } from '#api/types/core-v1';
import type { Store } from '#store/store';
import { listPrefix, objectKey } from '../registry/keys.ts';
import type { VirtualResource } from '../registry/resources.ts';

/** Whoever can tell: the scheduler that runs in this process. */
export type Explainer = {
  explain(pod: Pod): Promise<PodExplanation>;
  /** With what is known at once. */
  brief(pod: Pod): PodExplanation;
};

type Serving = {
  readonly store: Store;
  /** Undefined until the scheduler has started. */
  readonly explainer: () => Explainer | undefined;
};

const PODS = { group: '', plural: 'pods', namespaced: true };

export function podExplanations(serving: Serving): VirtualResource {
  return {
    ...PodExplanation,
    singular: 'podexplanation',
    verbs: ['get', 'list'],
    shortNames: ['why'],
    columns: COLUMNS as readonly Column<ApiObject>[],
    handle: (request) => answer(serving, request),
  };
}

const COLUMNS: readonly Column<PodExplanation>[] = [
  NAME_COLUMN as Column<PodExplanation>,
  column('Why', 'Why the pod is not fine.', ({ why }) => why),
  column('Change', 'The smallest change that would place it.', ({ changes }) => changes[0]?.summary ?? ''),
];

/** A list tells of pods that are not fine; who asks for one by name hears of it in any case. */
async function answer(
  { store, explainer }: Serving,
  { verb, name = '', namespace, options }: ApiRequest,
): Promise<ApiResult> {
  const teller = explainer();
  if (teller === undefined) throw new ApiError('ServiceUnavailable', 'the scheduler has not started yet');
  if (verb === 'get') {
    const ref = { name, ...(namespace === undefined ? {} : { namespace }) };
    const pod = store.get(objectKey(PODS, ref)) as Pod | undefined;
    if (pod === undefined) throw notFoundError(PODS, name);
    return { type: 'object', status: 200, object: await teller.explain(pod) };
  }
  const selector = parseSelector(options.labelSelector ?? '');
  const { items, revision } = store.list(listPrefix(PODS, namespace));
  const pods = items as readonly Pod[];
  const chosen = pods.filter((pod) => matchesLabels(selector, pod.metadata.labels) && whyNotFine(pod) !== '');
  const list = { resourceVersion: String(revision), items: chosen.map((pod) => teller.brief(pod)) };
  return { type: 'list', list };
}
