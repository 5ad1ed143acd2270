/** The key that signs the tokens of service accounts, in a file that only its owner reads. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivate } from './files.ts';

export type SigningKey = {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Tells keys apart: made from the public half. */
  readonly id: string;
};

const FILE = 'sa.key';

/** Loaded if present, else made: tokens must outlive a restart of the server. */
export async function loadSigningKey(folder: string): Promise<SigningKey> {
  const path = join(folder, FILE);
  const found = await readIfPresent(path);
  if (found !== undefined) return signingKeyOf(createPrivateKey(found));
  const key = createSigningKey();
  await writePrivate(path, String(key.privateKey.export({ type: 'pkcs8', format: 'pem' })));
  return key;
}

export function createSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { privateKey, publicKey, id };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
