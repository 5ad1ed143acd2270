/** Ways onto nodes that are closed: cordoned, or tainted. */
import { findUntoleratedTaint } from '#api/core/tolerations';
import type { Pod } from '#api/core/pod';
import type { Node, Taint, Toleration } from '#api/types/core-v1';
import { NOTHING_MORE, type Remedies, type Remedy, withSpec } from '../remedy.ts';

const FORBIDDING = ['NoSchedule', 'NoExecute'];
const CORDONED = 'node.kubernetes.io/unschedulable';

export const uncordon: Remedies = ({ node }) => {
  const toleration = { key: CORDONED, operator: 'Exists', effect: 'NoSchedule' };
  return [
    { text: `uncordon node ${node.metadata.name}`, effort: 2, node: open },
    { text: `tolerate ${CORDONED} in the pod`, effort: 6, pod: (pod) => tolerating(pod, [toleration]) },
  ];
};

const open = (node: Node): Node => {
  const { unschedulable: _unschedulable, taints = [], ...spec } = node.spec;
  const others = taints.filter(({ key }) => key !== CORDONED);
  return { ...node, spec: { ...spec, ...(others.length === 0 ? {} : { taints: others }) } };
};

export const tolerate: Remedies = ({ pod, node }) => {
  const taints = untolerated(pod, node);
  // Cordoned nodes get a taint, too: it goes with the cordon.
  if (node.spec.unschedulable === true && taints.every(({ key }) => key === CORDONED)) return [NOTHING_MORE];
  const { name } = node.metadata;
  const listed = taints.map(written).join(', ');
  const word = taints.length === 1 ? 'taint' : 'taints';
  const remove: Remedy = {
    text: `remove the ${word} ${listed} from node ${name}`,
    effort: 3 * taints.length,
    node: (each) => without(each, taints),
  };
  const sick = taints.find(({ key }) => key.startsWith('node.kubernetes.io/') && key !== CORDONED);
  // These stand for something that is wrong with the node: they go when it is well.
  if (sick !== undefined) return [{ ...remove, text: `heal node ${name}, which has the ${word} ${listed}`, effort: 8 }];
  const tolerations = taints.map(({ key, value = '', effect }) => ({
    key,
    effect,
    ...(value === '' ? { operator: 'Exists' } : { operator: 'Equal', value }),
  }));
  return [
    {
      text: `tolerate the ${word} ${listed} in the pod`,
      effort: 2 * taints.length,
      pod: (each) => tolerating(each, tolerations),
    },
    remove,
  ];
};

function untolerated({ spec }: Pod, { spec: { taints = [] } }: Node): readonly Taint[] {
  return taints.filter((taint) => findUntoleratedTaint([taint], spec.tolerations, FORBIDDING) !== undefined);
}

const tolerating = (pod: Pod, more: readonly Toleration[]): Pod =>
  withSpec(pod, { tolerations: [...(pod.spec.tolerations ?? []), ...more] });

function without(node: Node, gone: readonly Taint[]): Node {
  const { taints = [], ...spec } = node.spec;
  const others = taints.filter(
    (taint) => !gone.some(({ key, effect }) => key === taint.key && effect === taint.effect),
  );
  return { ...node, spec: { ...spec, ...(others.length === 0 ? {} : { taints: others }) } };
}

const written = ({ key, value = '', effect }: Taint): string => `${key}${value === '' ? '' : `=${value}`}:${effect}`;
