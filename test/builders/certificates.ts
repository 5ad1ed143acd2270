/** A cluster's certificates, made for one test. */
import { ADMIN_LEAF, createAuthority, issueLeaf, nodeClientLeaf, nodeServerLeaf } from '#apiserver/pki/authority';
import type { ServerTls } from '#node/server/agent-server';

type Identity = { readonly certificate: string; readonly key: string };

export type Certificates = {
  /** PEM of the authority. */
  readonly authority: string;
  readonly server: ServerTls;
  readonly admin: Identity;
  readonly node: Identity;
};

export function certificates(): Certificates {
  const nowMs = Date.now();
  const authority = createAuthority(nowMs);
  const server = issueLeaf(authority, nodeServerLeaf('node-1', ['127.0.0.1']), nowMs);
  return {
    authority: authority.certificate,
    server: { ...server, clientAuthority: authority.certificate },
    admin: issueLeaf(authority, ADMIN_LEAF, nowMs),
    node: issueLeaf(authority, nodeClientLeaf('node-1'), nowMs),
  };
}
