/** Certificates and keys as files that only their owner reads: loaded if present and good for a while, else made. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAuthority, isDue, issueLeaf, type Leaf } from './authority.ts';
import { addressBytes } from './address-bytes.ts';
import type { KeyPair } from './certificate.ts';
import { isIP } from 'node:net';

/** The authority in `folder`, made when there is none. */
export async function loadAuthority(folder: string, nowMs: number): Promise<KeyPair> {
  const found = await readPair(folder, 'ca');
  if (found !== undefined) return found;
  const authority = createAuthority(nowMs);
  await writePair(folder, 'ca', authority);
  return authority;
}

export type LeafFile = {
  readonly folder: string;
  /** The files are `<name>.crt` and `<name>.key`. */
  readonly name: string;
  readonly leaf: Leaf;
};

/** The certificate in the files, or a new one when it is missing, of another authority, about to expire or not for these names. */
export async function loadLeaf({ folder, name, leaf }: LeafFile, authority: KeyPair, nowMs: number): Promise<KeyPair> {
  const found = await readPair(folder, name);
  if (found !== undefined && isUsable(found, { authority, leaf, nowMs })) return found;
  const issued = issueLeaf(authority, leaf, nowMs);
  await writePair(folder, name, issued);
  return issued;
}

type Wanted = { readonly authority: KeyPair; readonly leaf: Leaf; readonly nowMs: number };

function isUsable({ certificate, key }: KeyPair, { authority, leaf, nowMs }: Wanted): boolean {
  const parsed = new X509Certificate(certificate);
  // The two files are written one after the other; a crash between leaves a pair that is none.
  if (!parsed.checkPrivateKey(createPrivateKey(key))) return false;
  if (!parsed.verify(new X509Certificate(authority.certificate).publicKey)) return false;
  return !isDue(certificate, nowMs) && (leaf.names ?? []).every((name) => isFor(parsed, name));
}

function isFor(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) === 0) return certificate.checkHost(name) !== undefined;
  const wanted = addressBytes(name);
  const listed = certificate.subjectAltName?.matchAll(/IP Address:([0-9a-fA-F.:]+)/g) ?? [];
  return [...listed].some(([, address]) => address !== undefined && addressBytes(address).equals(wanted));
}

async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
  const [certificate, key] = await Promise.all([
    readIfPresent(join(folder, `${name}.crt`)),
    readIfPresent(join(folder, `${name}.key`)),
  ]);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writePair(folder: string, name: string, { certificate, key }: KeyPair): Promise<void> {
  await writePrivate(join(folder, `${name}.key`), key);
  await writePrivate(join(folder, `${name}.crt`), certificate);
}

/** Writes a file that only its owner may read; a reader sees the old content or the new, never a part. */
export async function writePrivate(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.new`;
  await writeFile(unfinished, content, { mode: 0o600 });
  await chmod(unfinished, 0o600); // an older file keeps its mode on writing
  await rename(unfinished, path);
}
