/** `nodes/proxy`: any plain request to an agent, for those who debug nodes. */
import type { Store } from '#store/store';
import type { ResourceHandler } from '../http/router.ts';
import { agentAddress } from './agent-address.ts';
import type { AgentClient } from './agent-request.ts';
import { forwardAnswer } from './forward.ts';
import { findNode } from './locate.ts';

export function nodeProxy({ store, agents }: { readonly store: Store; readonly agents: AgentClient }): ResourceHandler {
  return async ({ exchange, path }) => {
    const { method, query, body, signal } = exchange;
    const node = findNode(store, path.name ?? '');
    const target = `/${path.rest ?? ''}${query.size === 0 ? '' : `?${query}`}`;
    const contentType = exchange.headers['content-type'];
    const answer = await agents.send({
      address: agentAddress(node),
      method,
      target,
      signal,
      ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
      ...(method === 'GET' ? {} : { body }),
    });
    await forwardAnswer(exchange, answer);
  };
}
