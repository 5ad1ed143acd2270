/** Tells why a pull failed from containerd's words, for it gives most failures the same code. Pure. */
import { RuntimeError } from '../runtime-error.ts';
import type { RuntimeErrorReason } from '../runtime-error.ts';

const CLUES: readonly (readonly [RegExp, RuntimeErrorReason])[] = [
  [/invalid reference format|failed to parse image reference|could not parse reference/i, 'InvalidImageName'],
  [/401|403|unauthorized|forbidden|authorization failed|access denied|insufficient_scope/i, 'ImagePullDenied'],
  [
    /no such host|connection refused|network is unreachable|no route to host|i\/o timeout|dial tcp|TLS handshake/i,
    'RegistryUnavailable',
  ],
  [/not found|manifest unknown|404/i, 'ImageNotFound'],
];

export function pullFailure(error: RuntimeError): RuntimeError {
  if (error.reason === 'Unavailable' || error.reason === 'Timeout') return error;
  if (error.reason === 'NotFound') return new RuntimeError('ImageNotFound', error.message, { cause: error });
  const reason = CLUES.find(([clue]) => clue.test(error.message))?.[1] ?? 'ImagePullFailed';
  return new RuntimeError(reason, error.message, { cause: error });
}
