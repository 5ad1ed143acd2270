/** Decides when a request for a certificate has served: some time after its answer, or when nobody has decided for long. */
import { parseTime } from '#api/meta/time';
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';

const HOUR_MS = 3_600_000;
// Whoever asked has had the time to take the answer.
const ANSWERED_MS = HOUR_MS;
const UNDECIDED_MS = 24 * HOUR_MS;

/** The moment from which on it may go. */
export function planRemoval({ metadata, status }: CertificateSigningRequest): number {
  const decided = (status?.conditions ?? []).filter(({ type }) => DECISIONS.has(type));
  const times = decided.map(({ lastUpdateTime }) => parseTime(lastUpdateTime ?? metadata.creationTimestamp));
  if (times.length === 0) return parseTime(metadata.creationTimestamp) + UNDECIDED_MS;
  return Math.max(...times) + (isApprovedUnanswered(decided, status) ? UNDECIDED_MS : ANSWERED_MS);
}

const DECISIONS: ReadonlySet<string> = new Set(['Approved', 'Denied', 'Failed']);

function isApprovedUnanswered(
  decided: readonly { readonly type: string }[],
  status: CertificateSigningRequest['status'],
): boolean {
  return !status?.certificate && decided.every(({ type }) => type === 'Approved');
}
