/** What a request for a certificate (PKCS#10) says: who wants to be called what, and by which key. */
import { formatAddress } from './address-text.ts';
import { bitsOf, contentOf, DerError, type DerValue, identifierOf, partsOf, readValues, textOf } from './der-reader.ts';

export type RequestContents = {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  /** DER of the key (SubjectPublicKeyInfo). */
  readonly publicKey: Buffer;
  /** What was signed with that key, how, and the signature. */
  readonly signed: Buffer;
  readonly algorithm: string;
  readonly signature: Buffer;
};

export class RequestError extends Error {
  override readonly name = 'RequestError';
}

const SEQUENCE = 0x30;
const SET = 0x31;
const ATTRIBUTES = 0xa0;
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const ALTERNATIVE_NAMES = '2.5.29.17';

/** `encoded`: the PEM text in base64, as the API carries it. Throws `RequestError`. */
export function readRequest(encoded: string): RequestContents {
  const der = firstBlock(Buffer.from(encoded, 'base64').toString('latin1'));
  try {
    return contentsOf(der);
  } catch (error) {
    if (error instanceof DerError) throw new RequestError(`asn1: structure error: ${error.message}`, { cause: error });
    throw error;
  }
}

const BEGIN = '-----BEGIN CERTIFICATE REQUEST-----';
const END = '-----END CERTIFICATE REQUEST-----';

/** The first block of the PEM text. Searches for plain words only: strangers write these texts. */
function firstBlock(text: string): Buffer {
  const start = text.indexOf('-----BEGIN ');
  const end = text.indexOf(END, start);
  if (start < 0 || end < 0 || !text.startsWith(BEGIN, start))
    throw new RequestError('PEM block type must be CERTIFICATE REQUEST');
  return Buffer.from(text.slice(start + BEGIN.length, end), 'base64');
}

function contentsOf(der: Buffer): RequestContents {
  const [request] = readValues(der);
  const [info, algorithm, signature] = partsOf(request, SEQUENCE);
  const [_version, subject, publicKey, attributes] = partsOf(info, SEQUENCE);
  if (info === undefined || subject === undefined || publicKey === undefined) throw new DerError('data truncated');
  const names = attributes === undefined ? [] : alternativeNames(attributes);
  const texts = (kind: number): readonly string[] =>
    names.filter(({ tag }) => tag === kind).map(({ content }) => content.toString('latin1'));
  const attribute = attributeTexts(subject);
  return {
    commonName: attribute(COMMON_NAME).at(-1) ?? '',
    organizations: attribute(ORGANIZATION),
    emails: texts(0x81),
    dnsNames: texts(0x82),
    uris: texts(0x86),
    ipAddresses: names.filter(({ tag }) => tag === 0x87).map(({ content }) => formatAddress(content)),
    publicKey: publicKey.whole,
    signed: info.whole,
    algorithm: identifierOf(partsOf(algorithm, SEQUENCE)[0]),
    signature: bitsOf(signature),
  };
}

/** The texts of the subject that stand under an identifier, in order. */
function attributeTexts(subject: DerValue): (identifier: string) => readonly string[] {
  const found = partsOf(subject, SEQUENCE).flatMap((part) =>
    partsOf(part, SET).map((pair) => {
      const [identifier, text] = partsOf(pair, SEQUENCE);
      return [identifierOf(identifier), text] as const;
    }),
  );
  return (identifier) => found.filter(([known]) => known === identifier).map(([, text]) => textOf(text));
}

function alternativeNames(attributes: DerValue): readonly DerValue[] {
  const extensions = partsOf(attributes, ATTRIBUTES).flatMap((attribute) => {
    const [identifier, values] = partsOf(attribute, SEQUENCE);
    return identifierOf(identifier) === EXTENSION_REQUEST
      ? partsOf(values, SET).flatMap((list) => partsOf(list, SEQUENCE))
      : [];
  });
  return extensions.flatMap((extension) => {
    const parts = partsOf(extension, SEQUENCE);
    if (identifierOf(parts[0]) !== ALTERNATIVE_NAMES) return [];
    const [list] = readValues(contentOf(parts.at(-1), 0x04));
    return partsOf(list, SEQUENCE);
  });
}
