/** A body that cannot be read as what it should be: the API answers 400 with the message. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}
