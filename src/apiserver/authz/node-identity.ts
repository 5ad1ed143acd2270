/** Which node a user is. */
import type { UserInfo } from '#api/request';

const PREFIX = 'system:node:';
const NODES = 'system:nodes';

/** Undefined for those who are no node. */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  return name.startsWith(PREFIX) && groups.includes(NODES) ? name.slice(PREFIX.length) : undefined;
}
