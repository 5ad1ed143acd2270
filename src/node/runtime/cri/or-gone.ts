/** Stopping or removing what is already gone has succeeded. */
import { isRuntimeError } from '../runtime-error.ts';

export async function orGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!isRuntimeError(error, 'NotFound')) throw error;
  });
}
