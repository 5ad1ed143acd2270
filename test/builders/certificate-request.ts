/** Requests for certificates as programs send them, for tests: a new key, and what it is to be certified for. */
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  utf8String,
} from '#apiserver/pki/der';

export type Wanted = {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  /** IPv4, by its bytes. */
  readonly addresses?: readonly (readonly number[])[];
  readonly emails?: readonly string[];
};

/** PEM in base64, as the API carries it, and the private key. */
export function aCertificateRequest(wanted: Wanted): { readonly request: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const info = requestInfo(wanted, publicKey.export({ type: 'spki', format: 'der' }));
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
  const der = sequence(info, algorithm, bitString(sign('sha256', info, privateKey)));
  return { request: pemRequest(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

export function pemRequest(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const text = `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
  return Buffer.from(text).toString('base64');
}

function requestInfo({ commonName, organizations = [], ...names }: Wanted, publicKey: Buffer): Buffer {
  const attribute = (oid: string, text: string): Buffer => set(sequence(objectIdentifier(oid), utf8String(text)));
  const subject = sequence(
    ...organizations.map((each) => attribute('2.5.4.10', each)),
    attribute('2.5.4.3', commonName),
  );
  const alternatives = [
    ...(names.emails ?? []).map((each) => implicit(1, Buffer.from(each))),
    ...(names.dnsNames ?? []).map((each) => implicit(2, Buffer.from(each))),
    ...(names.addresses ?? []).map((each) => implicit(7, Buffer.from(each))),
  ];
  const extension = sequence(objectIdentifier('2.5.29.17'), octetString(sequence(...alternatives)));
  const attributes = sequence(objectIdentifier('1.2.840.113549.1.9.14'), set(sequence(extension)));
  const asked = alternatives.length === 0 ? Buffer.alloc(0) : attributes;
  return sequence(integer(Buffer.from([0])), subject, publicKey, explicit(0, asked));
}
