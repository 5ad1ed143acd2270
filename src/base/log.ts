/** Structured logging: one JSON line an event, with fields that cannot hold an object's body. */
import { pino } from 'pino';
import { errorMessage } from './errors.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Names, counts and an `error` only: an object's body may hold secrets, so the type does not let one in. */
export type LogFields = Readonly<Record<string, string | number | boolean | Error | undefined>>;

export type Logger = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
};

export type LoggerOptions = {
  readonly level?: LogLevel;
  /** Where lines go; standard error unless said. */
  readonly destination?: { write(line: string): void };
  readonly now?: () => number;
};

const STANDARD_ERROR = 2;

export function createLogger({ level = 'info', destination, now = Date.now }: LoggerOptions = {}): Logger {
  const root = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    destination ?? pino.destination({ fd: STANDARD_ERROR, sync: true }),
  );
  return adapt(root);
}

/** Says nothing. */
export function silentLogger(): Logger {
  const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => silent };
  return silent;
}

function adapt(target: pino.Logger): Logger {
  return {
    debug: (message, fields) => target.debug(fields ?? {}, message),
    info: (message, fields) => target.info(fields ?? {}, message),
    warn: (message, fields) => target.warn(fields ?? {}, message),
    error: (message, fields) => target.error(fields ?? {}, message),
    child: (fields) => adapt(target.child(fields)),
  };
}

// Not pino's own: that one also writes every property of the error, and those may hold an object's body.
function describeError(error: unknown): unknown {
  return error instanceof Error ? { message: errorMessage(error), stack: error.stack } : error;
}

function ignore(): void {
  // Nothing is listening.
}
