/** What the containers of a pod must say because a quota limits it: for CPU and memory, out of tradition, and nothing else. */
import type { ApiObject } from '../../object.ts';
import type { Container, Pod } from '../../types/core-v1.ts';
import { isComputeName, type QuotaKind } from './names.ts';

/** `must specify cpu for: web; memory for: web,log`, or nothing. */
export function missingAmounts(kind: QuotaKind, object: ApiObject, names: readonly string[]): string | undefined {
  if (kind.group !== '' || kind.plural !== 'pods') return undefined;
  const { containers, initContainers = [] } = (object as Pod).spec;
  const all = [...containers, ...initContainers];
  const problems = names
    .filter(isComputeName)
    .toSorted()
    .flatMap((name) => {
      const silent = all.filter((container) => amountFor(container, name) === undefined);
      const unique = [...new Set(silent.map((container) => container.name))].toSorted();
      return unique.length === 0 ? [] : [`${name} for: ${unique.join(',')}`];
    });
  return problems.length === 0 ? undefined : `must specify ${problems.join('; ')}`;
}

/** `cpu` is an older name of `requests.cpu`. */
function amountFor({ resources }: Container, name: string): string | undefined {
  const [side, resource] = name.includes('.') ? name.split('.') : ['requests', name];
  return resources?.[side === 'limits' ? 'limits' : 'requests']?.[resource ?? name];
}
