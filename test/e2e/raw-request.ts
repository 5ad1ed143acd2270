/** Requests to a cluster's API as bytes, with the admin's certificate: what kubectl itself would refuse to send. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatusDetails } from '#api/types/meta-v1';
import { must, runOn, type TestCluster } from './cluster.ts';

export type RawAnswer = {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: StatusDetails;
};

export type RawRequest = {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** `none` sends no client certificate. */
  readonly certificate?: 'admin' | 'none';
};

/** The HTTP status, and what the body tells where it is a `Status`. */
export async function rawRequest(cluster: TestCluster, request: RawRequest): Promise<RawAnswer> {
  const { method, path, body, contentType = 'application/json', certificate = 'admin' } = request;
  const pki = (file: string): string => join(cluster.dataDir, 'pki', file);
  const folder = await mkdtemp(join(tmpdir(), 'tutti-raw-'));
  try {
    const bodyFile = join(folder, 'body');
    await writeFile(bodyFile, body ?? '');
    const identity = certificate === 'none' ? [] : ['--cert', pki('admin.crt'), '--key', pki('admin.key')];
    const content =
      body === undefined ? [] : ['--header', `content-type: ${contentType}`, '--data-binary', `@${bodyFile}`];
    const options = ['--silent', '--show-error', '--max-time', '30', '--write-out', '\n%{http_code}'];
    const url = `https://127.0.0.1:6443${path}`;
    const args = [...options, '--cacert', pki('ca.crt'), ...identity, ...content, '--request', method, url];
    return readAnswer(must(await runOn(cluster.hosts.node, 'curl', args)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function readAnswer(printed: string): RawAnswer {
  const end = printed.lastIndexOf('\n');
  const answer = { code: Number(printed.slice(end + 1)) };
  const body = JSON.parse(printed.slice(0, end)) as Omit<RawAnswer, 'code'> & { readonly kind?: string };
  if (body.kind !== 'Status') return answer;
  const { reason, message, details } = body;
  return {
    ...answer,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(details === undefined ? {} : { details }),
  };
}
