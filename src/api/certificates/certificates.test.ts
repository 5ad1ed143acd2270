import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#base/seeded-random';
import { aCertificateRequest, pemRequest } from '#test/builders/certificate-request';
import { aMeta } from '#test/builders/workloads';
import type { CertificateSigningRequestSpec, CertificateSigningRequestStatus } from '../types/certificates-v1.ts';
import { CertificateSigningRequest } from './certificate-signing-request.ts';
import { readRequest, RequestError } from './request-contents.ts';
import { validateApproval } from './validation.ts';

const WANTED = {
  commonName: 'ann',
  organizations: ['dev', 'ops'],
  dnsNames: ['ann.example.com'],
  addresses: [[198, 18, 0, 7]],
  emails: ['ann@example.com'],
};
const { request } = aCertificateRequest(WANTED);
const SPEC = { request, signerName: 'example.com/people', usages: ['client auth'] };
const aRequest = (
  spec: Partial<CertificateSigningRequestSpec> = {},
  status: CertificateSigningRequestStatus = {},
): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: aMeta('ann'),
  spec: { ...SPEC, ...spec },
  status,
});
const texts = (errors: Iterable<{ readonly field: string; readonly message: string }>): readonly string[] =>
  [...errors].map(({ field, message }) => `${field}: ${message}`);
const problems = (spec: Partial<CertificateSigningRequestSpec>): readonly string[] =>
  texts(CertificateSigningRequest.validate(aRequest(spec)));
const condition = (type: string, status = 'True') => ({ type, status });

test('[CRT1] a request tells the name, the groups and the other names that it asks for', () => {
  const { commonName, organizations, dnsNames, ipAddresses, emails, uris } = readRequest(request);
  assert.deepEqual(
    { commonName, organizations, dnsNames, ipAddresses, emails, uris },
    {
      commonName: 'ann',
      organizations: ['dev', 'ops'],
      dnsNames: ['ann.example.com'],
      ipAddresses: ['198.18.0.7'],
      emails: ['ann@example.com'],
      uris: [],
    },
  );
});

test('[CRT2] what is no request, has no use or no signer is refused', () => {
  const damaged = Buffer.from(
    Buffer.from(request, 'base64')
      .toString()
      .replace(/\n.{40}/, '\n'),
  ).toString('base64');
  const text = Buffer.from('hello').toString('base64');
  assert.deepEqual(problems({ request: text, usages: [], signerName: '' }), [
    `spec.request: Invalid value: "${text}": PEM block type must be CERTIFICATE REQUEST`,
    'spec.usages: Required value',
    'spec.signerName: Required value',
  ]);
  assert.match(problems({ request: damaged })[0] ?? '', /^spec\.request: Invalid value: .*: asn1: structure error: /);
  const [odd, again, signer, seconds, ...more] = problems({
    usages: ['client auth', 'flying', 'client auth'],
    signerName: 'people',
    expirationSeconds: 599,
  });
  assert.match(odd ?? '', /^spec\.usages\[1\]: Unsupported value: "flying": supported values: "any", "cert sign", /);
  assert.deepEqual(
    [again, signer, seconds, more],
    [
      'spec.usages[2]: Duplicate value: "client auth"',
      'spec.signerName: Invalid value: "people": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
      [],
    ],
  );
  assert.deepEqual(problems({ signerName: 'kubernetes.io/legacy-unknown' }), [
    'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
  ]);
  assert.deepEqual(problems({ signerName: 'people/signer' }), [
    'spec.signerName: Invalid value: "people": should be a domain with at least two segments separated by dots',
  ]);
});

test('[CRT6] whatever strangers send is read or refused, quickly', () => {
  const random = seededRandom(7);
  const text = Buffer.from(request, 'base64').toString();
  const der = Buffer.from(text.replaceAll(/-----.*-----|\n/g, ''), 'base64');
  for (let round = 0; round < 2000; round++) {
    const damaged = Buffer.from(der.subarray(0, random() < 0.3 ? Math.floor(random() * der.length) : der.length));
    for (let times = 0; times < 3 && damaged.length > 0; times++)
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    try {
      readRequest(pemRequest(damaged));
    } catch (error) {
      assert.ok(error instanceof RequestError, `${damaged.toString('hex')}: ${String(error)}`);
    }
  }
  const many = Buffer.from('-----BEGIN A-----'.repeat(150_000)).toString('base64');
  assert.throws(() => readRequest(many), RequestError);
});

test('[CRT7] a name that others might read as another is not read at all', () => {
  const names = ['a\nO=system:masters', 'a\u0000b'];
  for (const commonName of names) {
    const odd = aCertificateRequest({ commonName }).request;
    assert.throws(() => readRequest(odd), { message: 'asn1: structure error: control character in string' });
  }
  const wide = Buffer.from(
    Buffer.from(request, 'base64')
      .toString()
      .replaceAll(/-----.*-----|\n/g, ''),
    'base64',
  );
  // The type of the first text: two bytes a character from now on.
  wide[wide.indexOf(Buffer.from('dev')) - 2] = 0x1e;
  assert.throws(() => readRequest(pemRequest(wide)), { message: 'asn1: structure error: unsupported string type' });
});

test('[CRT3] what was asked stays, and what was decided stays', () => {
  const stored = aRequest({}, { conditions: [condition('Approved')], certificate: '' });
  const changed = CertificateSigningRequest.prepareForUpdate(aRequest({ usages: ['server auth'] }), stored);
  assert.deepEqual(changed.spec, stored.spec);
  assert.deepEqual(CertificateSigningRequest.prepareForCreate(stored).status, {});
  assert.deepEqual(texts(validateApproval(aRequest(), stored)), [
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ]);
  const both = aRequest({}, { conditions: [condition('Approved'), condition('Denied')] });
  assert.deepEqual(texts(validateApproval(both, stored)), [
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
  ]);
  const unsure = aRequest({}, { conditions: [condition('Approved', 'False'), condition('Approved')] });
  assert.deepEqual(texts(validateApproval(unsure, aRequest())), [
    'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    'status.conditions[1].type: Duplicate value: "Approved"',
  ]);
});

test('[CRT4] the status takes a certificate once, and no decision', () => {
  const pem = (type: string): string =>
    Buffer.from(`-----BEGIN ${type}-----\nAA==\n-----END ${type}-----\n`).toString('base64');
  const check = (next: CertificateSigningRequestStatus, stored: CertificateSigningRequestStatus): readonly string[] =>
    texts(CertificateSigningRequest.validateStatusUpdate(aRequest({}, next), aRequest({}, stored)));
  const approved = { conditions: [condition('Approved')] };
  assert.deepEqual(check(approved, {}), [
    'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
  ]);
  assert.deepEqual(check({ ...approved, certificate: pem('CERTIFICATE') }, approved), []);
  assert.deepEqual(check({ certificate: pem('CERTIFICATE') }, { certificate: pem('CERTIFICATE').replace('L', 'M') }), [
    'status.certificate: Forbidden: updates may not modify existing certificate content',
  ]);
  assert.deepEqual(check({ certificate: pem('PRIVATE KEY') }, {}), [
    'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"',
  ]);
});

test('[CRT5] the table of requests shows who asked whom, and what became of it', () => {
  const shown = (status: CertificateSigningRequestStatus): readonly unknown[] => {
    const wanted = aRequest({ username: 'ann', expirationSeconds: 3600 }, status);
    return CertificateSigningRequest.columns.slice(2).map(({ cell }) => cell(wanted, 0));
  };
  assert.deepEqual(shown({}), ['example.com/people', 'ann', '60m', 'Pending']);
  const conditions = [condition('Approved')];
  assert.equal(shown({ conditions, certificate: 'x' }).at(-1), 'Approved,Issued');
  assert.equal(shown({ conditions: [condition('Denied'), condition('Failed')] }).at(-1), 'Denied,Failed');
});
