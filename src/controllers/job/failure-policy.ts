/** Decides what a pod's failure means for its job, by the first rule that it meets. */
import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
} from '#api/types/batch-v1';
import type { ContainerStatus, Pod, PodCondition } from '#api/types/core-v1';

/** `Count` unless a rule says otherwise. `message` tells why, for the job that fails by it. */
export type Judgement = { readonly action: string; readonly message: string };

const COUNTED: Judgement = { action: 'Count', message: '' };
const ACTIONS: readonly string[] = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): Judgement {
  for (const [index, { action, onExitCodes, onPodConditions = [] }] of (policy?.rules ?? []).entries()) {
    const what = onExitCodes === undefined ? describeCondition(pod, onPodConditions) : describeExit(pod, onExitCodes);
    if (what !== undefined && ACTIONS.includes(action))
      return { action, message: `${what} matching ${action} rule at index ${index}` };
  }
  return COUNTED;
}

function describeExit({ metadata, status }: Pod, rule: PodFailurePolicyOnExitCodesRequirement): string | undefined {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const found = statuses.find((container) => meetsExit(container, rule));
  if (found === undefined) return undefined;
  const pod = `${metadata.namespace ?? ''}/${metadata.name}`;
  return `Container ${found.name} for pod ${pod} failed with exit code ${found.state?.terminated?.exitCode ?? 0}`;
}

function meetsExit({ name, state }: ContainerStatus, rule: PodFailurePolicyOnExitCodesRequirement): boolean {
  const code = state?.terminated?.exitCode ?? 0;
  if (code === 0 || (rule.containerName !== undefined && rule.containerName !== name)) return false;
  return rule.values.includes(code) === (rule.operator === 'In');
}

function describeCondition(
  { metadata, status }: Pod,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
): string | undefined {
  const found = status?.conditions?.find((condition) => patterns.some((pattern) => meets(condition, pattern)));
  return found && `Pod ${metadata.namespace ?? ''}/${metadata.name} has condition ${found.type}`;
}

const meets = (condition: PodCondition, pattern: PodFailurePolicyOnPodConditionsPattern): boolean =>
  condition.type === pattern.type && condition.status === pattern.status;
