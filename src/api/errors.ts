/** The one error that crosses the API: a closed set of reasons, each with its HTTP code, and its `Status` form. */
import type { FieldError } from './meta/field-error.ts';

/** Upstream's `StatusReason` values and their HTTP codes (apimachinery `meta/v1`). */
export const STATUS_CODES = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  Gone: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  ServerTimeout: 500,
  /** Upstream's plain errors: the `Status` has no reason. */
  Unknown: 500,
} as const;

export type StatusReason = keyof typeof STATUS_CODES;

export type StatusCause = {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
};

export type StatusDetails = {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
};

/** `metav1.Status` as it goes over the wire. */
export type Status = {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code: number;
};

export class ApiError extends Error {
  readonly reason: StatusReason;
  readonly code: number;
  readonly details: StatusDetails | undefined;
  /** Where a list that cannot go on as it was begun may be taken up. */
  readonly continue: string | undefined;

  constructor(
    reason: StatusReason,
    message: string,
    options: { details?: StatusDetails; cause?: unknown; continue?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.reason = reason;
    this.code = STATUS_CODES[reason];
    this.details = options.details;
    this.continue = options.continue;
  }
}

export function isApiError(error: unknown, ...reasons: readonly StatusReason[]): error is ApiError {
  return error instanceof ApiError && (reasons.length === 0 || reasons.includes(error.reason));
}

export function toStatus(error: ApiError): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: error.continue === undefined ? {} : { continue: error.continue },
    status: 'Failure',
    message: error.message,
    ...(error.reason === 'Unknown' ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    code: error.code,
  };
}

/** The kind of thing an error is about, in the form upstream's messages use: `pods "web"`, `deployments.apps "web"`. */
export type Subject = { readonly group: string; readonly plural: string };

const qualified = ({ group, plural }: Subject): string => (group === '' ? plural : `${plural}.${group}`);
const about = (subject: Subject, name: string): StatusDetails => ({
  name,
  ...(subject.group === '' ? {} : { group: subject.group }),
  kind: subject.plural,
});

export const notFoundError = (subject: Subject, name: string): ApiError =>
  new ApiError('NotFound', `${qualified(subject)} ${JSON.stringify(name)} not found`, {
    details: about(subject, name),
  });

export const alreadyExistsError = (subject: Subject, name: string): ApiError =>
  new ApiError('AlreadyExists', `${qualified(subject)} ${JSON.stringify(name)} already exists`, {
    details: about(subject, name),
  });

export const conflictError = (subject: Subject, name: string, why: string): ApiError =>
  new ApiError('Conflict', `Operation cannot be fulfilled on ${qualified(subject)} ${JSON.stringify(name)}: ${why}`, {
    details: about(subject, name),
  });

/** The conflict of an update that was based on an older resourceVersion, in upstream's words. */
export const MODIFIED_MESSAGE =
  'the object has been modified; please apply your changes to the latest version and try again';

export const badRequestError = (message: string): ApiError => new ApiError('BadRequest', message);

/** 422 with one cause per field; `kind` is the kind's name (`Pod`, or `Deployment.apps` in the message). */
export function invalidError(
  subject: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const { group, kind } = subject;
  const texts = errors.map((error) => `${error.field}: ${error.message}`);
  const summary = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError(
    'Invalid',
    `${group === '' ? kind : `${kind}.${group}`} ${JSON.stringify(name)} is invalid: ${summary}`,
    {
      details: {
        name,
        ...(group === '' ? {} : { group }),
        kind,
        causes: errors.map(({ type, message, field }) => ({ reason: type, message, field })),
      },
    },
  );
}
