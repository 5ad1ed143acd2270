/** A patch that cannot be applied, and which answer of the API that is. */

/** `BadRequest`: the patch is no patch. `Invalid`: it does not fit the object. `RequestEntityTooLarge`: it asks for too much. */
export type PatchErrorReason = 'BadRequest' | 'Invalid' | 'RequestEntityTooLarge';

export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly reason: PatchErrorReason;

  constructor(reason: PatchErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
