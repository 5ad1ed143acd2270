/** Turns the `Status` object that a server answers with back into the error it stands for. */
import { ApiError, STATUS_CODES, type Status, type StatusReason } from '#api/errors';

type Received = Partial<Omit<Status, 'reason'>> & { readonly reason?: string };

/** The error of a `Status`; a reason that we do not know is replaced by the one its code stands for. */
export function errorOfStatus(received: unknown): ApiError {
  const status = (typeof received === 'object' && received !== null ? received : {}) as Received;
  const { reason, code, message = 'the server answered with a status that has no message', details } = status;
  return new ApiError(
    isReason(reason) ? reason : reasonOfCode(code ?? 500),
    message,
    details === undefined ? {} : { details },
  );
}

/** The reason that an HTTP code stands for when nothing more precise is known. */
export function reasonOfCode(code: number): StatusReason {
  const [reason] = Object.entries(STATUS_CODES).find(([, known]) => known === code) ?? [];
  if (isReason(reason)) return reason;
  return code >= 400 && code < 500 ? 'BadRequest' : 'InternalError';
}

function isReason(reason: string | undefined): reason is StatusReason {
  return reason !== undefined && Object.hasOwn(STATUS_CODES, reason);
}
