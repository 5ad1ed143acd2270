/** Keeps the status of disruption budgets true, by which evictions are allowed or refused. */
import { Pod } from '#api/core/pod';
import { formatSelector, matchesLabels, NOTHING } from '#api/meta/label-selector';
import { controllerOf } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { ResourceDefinition } from '#api/resource';
import type { PodDisruptionBudgetStatus } from '#api/types/policy-v1';
import { parseSelector } from '#api/workload/template';
import type { Change } from '#client/informer';
import { keyOf, refOfKey } from '#client/key';
import { defineController, NO_KEYS, on, type Context, type Controller, type Outcome } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { restAfter } from '../pods/rest.ts';
import { planDisruption, planFailure } from './plan.ts';
import { asksControllers, planExpected, type PodScale } from './plan-expected.ts';
import { podScale, SCALED_KINDS } from './pod-scale.ts';

/** `kinds`: everything the server knows; any of them may own pods. */
export function disruption(kinds: readonly ResourceDefinition[]): Controller {
  return defineController({
    name: 'disruption-controller',
    eventSource: 'controllermanager',
    reads: [PodDisruptionBudget, Pod, ...SCALED_KINDS],
    writes: [PodDisruptionBudget],
    triggers: [
      on(PodDisruptionBudget, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
      on(Pod, budgetsOfPod),
    ],
    async reconcile(key, context) {
      const budget = context.get(PodDisruptionBudget, refOfKey(key));
      if (budget === undefined) return undefined;
      const selector = parseSelector(budget.spec.selector) ?? NOTHING;
      const inNamespace = context.informer(Pod).list(budget.metadata.namespace ?? '');
      const pods = inNamespace.filter(({ metadata }) => matchesLabels(selector, metadata.labels));
      if (pods.length === 0) report(budget, ['Normal', 'NoPods', 'No matching pods found'], context);
      const scales = asksControllers(budget.spec) ? await scalesOf(pods, kinds, context) : NO_SCALES;
      const expected = planExpected(budget, pods, (pod) => scales.get(pod.metadata.uid) ?? NO_SCALE);
      if (typeof expected === 'string') return await fail(budget, expected, context);
      if (expected.unmanaged.length > 0)
        report(budget, ['Warning', 'UnmanagedPods', unmanaged(formatSelector(selector))], context);
      const plan = planDisruption({ budget, pods, expected, nowMs: context.now() });
      for (const pod of plan.notDeleted) reportNotDeleted(budget, pod, context);
      await writeStatus(budget, plan.status, context);
      return { againInMs: plan.againInMs, restMs: restAfter(pods.length) };
    },
  });
}

const NO_SCALES: ReadonlyMap<string, PodScale> = new Map();
const NO_SCALE: PodScale = { problem: 'the pod has no controller' };

async function scalesOf(
  pods: readonly Pod[],
  kinds: readonly ResourceDefinition[],
  context: Context,
): Promise<ReadonlyMap<string, PodScale>> {
  const scales = new Map<string, PodScale>();
  const byController = new Map<string, PodScale>();
  for (const pod of pods) {
    const uid = controllerOf(pod)?.uid;
    if (uid === undefined) continue;
    const scale = byController.get(uid) ?? (await podScale(pod, kinds, context));
    byController.set(uid, scale);
    scales.set(pod.metadata.uid, scale);
  }
  return scales;
}

/** The budgets that select a pod, or selected it before its labels changed. */
function budgetsOfPod({ before, after }: Change<Pod>, context: Context): Iterable<string> {
  const { namespace = '' } = (after ?? before)?.metadata ?? {};
  const budgets = context.informer(PodDisruptionBudget).list(namespace);
  if (budgets.length === 0) return NO_KEYS;
  return new Set([...selecting(budgets, before), ...selecting(budgets, after)]);
}

function selecting(budgets: readonly PodDisruptionBudget[], pod: Pod | undefined): readonly string[] {
  if (pod === undefined) return NO_KEYS;
  const { labels } = pod.metadata;
  return budgets
    .filter(({ spec }) => matchesLabels(parseSelector(spec.selector) ?? NOTHING, labels))
    .map((budget) => keyOf(budget));
}

async function fail(budget: PodDisruptionBudget, problem: string, context: Context): Promise<Outcome> {
  const message = `Failed to calculate the number of expected pods: ${problem}`;
  report(budget, ['Warning', 'CalculateExpectedPodCountFailed', message], context);
  await writeStatus(budget, planFailure(budget, problem, context.now()), context);
  // A controller that is not there yet may come: nothing else would say so.
  throw new Error(problem);
}

async function writeStatus(
  budget: PodDisruptionBudget,
  status: PodDisruptionBudgetStatus,
  { client }: Context,
): Promise<void> {
  if (semanticEqual(budget.status, status)) return;
  await unlessMissing(client.update(PodDisruptionBudget, { ...budget, status }, { subresource: 'status' }));
}

type Told = readonly [type: 'Normal' | 'Warning', reason: string, message: string];

function report(budget: PodDisruptionBudget, [type, reason, message]: Told, { events }: Context): void {
  events.report(budget, { type, reason, message });
}

const unmanaged = (selector: string): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

function reportNotDeleted({ metadata }: PodDisruptionBudget, pod: Pod, { events }: Context): void {
  const message = `Pod was expected by PDB ${metadata.namespace ?? ''}/${metadata.name} to be deleted but it wasn't`;
  events.report(pod, { type: 'Warning', reason: 'NotDeleted', message });
}
