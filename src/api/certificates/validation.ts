/** Validates requests for certificates: what is wanted, by whom it is to be signed, and what has been decided. */
import type { FieldError } from '../meta/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestSpec,
} from '../types/certificates-v1.ts';
import { readRequest, RequestError } from './request-contents.ts';
import { validateSignerName } from './signer-name.ts';

type Request = CertificateSigningRequest;

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const SHORTEST_SECONDS = 600;

const USAGES: readonly string[] = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

export function* validateRequest({ spec, status }: Request): Generator<FieldError> {
  yield* validateContents(spec.request, 'spec.request');
  yield* validateUsages(spec.usages ?? [], 'spec.usages');
  yield* validateSigner(spec, 'spec');
  yield* validateConditions(status?.conditions ?? [], 'status.conditions');
  yield* validateCertificate(status?.certificate ?? '', 'status.certificate');
}

function* validateContents(request: string, field: string): Generator<FieldError> {
  try {
    readRequest(request);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    yield invalid(field, request, error.message);
  }
}

function* validateUsages(usages: readonly string[], field: string): Generator<FieldError> {
  if (usages.length === 0) yield required(field);
  for (const [index, usage] of usages.entries())
    if (!USAGES.includes(usage)) yield notSupported(`${field}[${index}]`, usage, USAGES);
  const seen = new Set<string>();
  for (const [index, usage] of usages.entries()) {
    if (seen.has(usage)) yield duplicate(`${field}[${index}]`, usage);
    seen.add(usage);
  }
}

function* validateSigner(
  { signerName, expirationSeconds }: CertificateSigningRequestSpec,
  field: string,
): Generator<FieldError> {
  if (signerName === LEGACY_SIGNER)
    yield invalid(`${field}.signerName`, signerName, 'the legacy signerName is not allowed via this API version');
  else yield* validateSignerName(signerName, `${field}.signerName`);
  if (expirationSeconds !== undefined && expirationSeconds < SHORTEST_SECONDS)
    yield invalid(
      `${field}.expirationSeconds`,
      expirationSeconds,
      'may not specify a duration less than 600 seconds (10 minutes)',
    );
}

const FINAL: readonly string[] = ['Approved', 'Denied', 'Failed'];
const DECISIONS: readonly string[] = ['Approved', 'Denied'];
const STATUSES: readonly string[] = ['False', 'True', 'Unknown'];

function* validateConditions(
  conditions: readonly CertificateSigningRequestCondition[],
  field: string,
): Generator<FieldError> {
  const before = new Set<string>();
  for (const [index, { type, status }] of conditions.entries()) {
    const path = `${field}[${index}]`;
    if (type === '') yield required(`${path}.type`);
    const allowed = FINAL.includes(type) ? ['True'] : STATUSES;
    if (status === '') yield required(`${path}.status`);
    else if (!allowed.includes(status)) yield notSupported(`${path}.status`, status, allowed);
    const isContradiction = DECISIONS.includes(type) && DECISIONS.some((other) => other !== type && before.has(other));
    if (isContradiction) yield invalid(field, type, 'Approved and Denied conditions are mutually exclusive');
    if (before.has(type)) yield duplicate(`${path}.type`, type);
    before.add(type);
  }
}

function* validateCertificate(certificate: string, field: string): Generator<FieldError> {
  if (certificate === '') return;
  const text = Buffer.from(certificate, 'base64').toString('latin1');
  const types = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, type]) => type);
  if (types.length === 0) yield invalid(field, '<certificate data>', 'must contain one or more PEM blocks');
  const odd = types.find((type) => type !== 'CERTIFICATE');
  if (odd !== undefined)
    yield invalid(field, '<certificate data>', `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(odd)}`);
}

/** What is decided stays; `status` only lets a signer answer. */
export function* validateStatusChange(next: Request, stored: Request): Generator<FieldError> {
  yield* validateRequest(next);
  yield* validateKept(next, stored);
  for (const type of DECISIONS) {
    const [before, after] = [conditionsOf(stored, type), conditionsOf(next, type)];
    if (after.length > before.length)
      yield forbidden('status.conditions', `updates may not add a condition of type ${JSON.stringify(type)}`);
    else if (after.length === before.length && !semanticEqual(after, before))
      yield forbidden('status.conditions', `updates may not modify a condition of type ${JSON.stringify(type)}`);
  }
  const { certificate: given = '' } = stored.status ?? {};
  if (given !== '' && next.status?.certificate !== given)
    yield forbidden('status.certificate', 'updates may not modify existing certificate content');
}

export function* validateApproval(next: Request, stored: Request): Generator<FieldError> {
  yield* validateRequest(next);
  yield* validateKept(next, stored);
}

function* validateKept(next: Request, stored: Request): Generator<FieldError> {
  for (const type of FINAL)
    if (conditionsOf(next, type).length < conditionsOf(stored, type).length)
      yield forbidden('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`);
}

const conditionsOf = ({ status }: Request, type: string): readonly CertificateSigningRequestCondition[] =>
  (status?.conditions ?? []).filter((condition) => condition.type === type);
