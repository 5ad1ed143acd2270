/** Issues X.509 certificates on ECDSA P-256 keys. */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  TRUE,
  utf8String,
} from './der.ts';
import { addressBytes } from './address-bytes.ts';

/** PEM texts. */
export type KeyPair = { readonly certificate: string; readonly key: string };

export type Subject = { readonly commonName: string; readonly organizations?: readonly string[] };

export type CertificateRequest = {
  readonly subject: Subject;
  readonly use: 'authority' | 'server' | 'client' | 'server and client';
  /** DNS names and IP addresses that a server answers to. */
  readonly names?: readonly string[];
  /** Keys of some sorts serve to encipher other keys. */
  readonly enciphersKeys?: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

/** A new key and a certificate for it, signed by `issuer`, or by itself when there is none. */
export function issueCertificate(request: CertificateRequest, issuer?: KeyPair): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subjectKey = publicKey.export({ type: 'spki', format: 'der' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { certificate: certify(request, subjectKey, { key, ...issuer }), key };
}

/** Without a certificate, the key signs for itself. */
type Issuer = { readonly key: string; readonly certificate?: string };

/** A certificate for a key; `subjectKey`: DER of the public key. */
export function certify(request: CertificateRequest, subjectKey: Buffer, { key, certificate }: Issuer): string {
  const issuer = certificate === undefined ? undefined : { key, certificate };
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    issuer === undefined ? distinguishedName(request.subject) : subjectOf(issuer),
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    distinguishedName(request.subject),
    subjectKey,
    explicit(3, sequence(...extensionsOf(request, subjectKey, issuer))),
  );
  return pem(sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, key))));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

// 127 random bits: unique without a register, and never read as negative.
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes;
}

function distinguishedName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (oid: string, text: string): Buffer => set(sequence(objectIdentifier(oid), utf8String(text)));
  return sequence(
    ...organizations.map((organization) => attribute('2.5.4.10', organization)),
    attribute('2.5.4.3', commonName),
  );
}

/** The subject of a certificate of ours, byte for byte, as its children must name their issuer. */
function subjectOf({ certificate }: KeyPair): Buffer {
  const { subject } = new X509Certificate(certificate);
  const fields = subject.split('\n').map((line) => line.split('=', 2) as [string, string]);
  return distinguishedName({
    commonName: fields.find(([name]) => name === 'CN')?.[1] ?? '',
    organizations: fields.filter(([name]) => name === 'O').map(([, value]) => value),
  });
}

const KEY_CERT_SIGN_AND_CRL_SIGN = bitString(Buffer.from([0b0000_0110]), 1);
const DIGITAL_SIGNATURE = bitString(Buffer.from([0b1000_0000]), 7);
const DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT = bitString(Buffer.from([0b1010_0000]), 5);
const SERVER_AUTH = objectIdentifier('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTH = objectIdentifier('1.3.6.1.5.5.7.3.2');
const PURPOSES = {
  server: [SERVER_AUTH],
  client: [CLIENT_AUTH],
  'server and client': [SERVER_AUTH, CLIENT_AUTH],
} as const;

function extensionsOf(request: CertificateRequest, subjectKey: Buffer, issuer: KeyPair | undefined): readonly Buffer[] {
  const { names = [] } = request;
  const issuerKey = issuer === undefined ? subjectKey : publicKeyOf(issuer);
  return [
    ...usageExtensions(request),
    extension('2.5.29.14', octetString(keyIdentifier(subjectKey))),
    extension('2.5.29.35', sequence(implicit(0, keyIdentifier(issuerKey)))),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names.map(alternativeName)))]),
  ];
}

function usageExtensions({ use, enciphersKeys = false }: CertificateRequest): readonly Buffer[] {
  if (use === 'authority') {
    return [critical('2.5.29.19', sequence(TRUE)), critical('2.5.29.15', KEY_CERT_SIGN_AND_CRL_SIGN)];
  }
  return [
    critical('2.5.29.19', sequence()),
    critical('2.5.29.15', enciphersKeys ? DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT : DIGITAL_SIGNATURE),
    extension('2.5.29.37', sequence(...PURPOSES[use])),
  ];
}

const extension = (oid: string, value: Buffer): Buffer => sequence(objectIdentifier(oid), octetString(value));
const critical = (oid: string, value: Buffer): Buffer => sequence(objectIdentifier(oid), TRUE, octetString(value));

function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? implicit(2, Buffer.from(name)) : implicit(7, addressBytes(name));
}

function publicKeyOf({ certificate }: KeyPair): Buffer {
  return createPublicKey(certificate).export({ type: 'spki', format: 'der' });
}

function keyIdentifier(subjectPublicKeyInfo: Buffer): Buffer {
  return createHash('sha1').update(subjectPublicKeyInfo).digest();
}
