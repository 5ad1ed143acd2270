/** Goes on with what is there at once, and with a promise when it is kept: a step that has nothing to wait for costs no promise. */
export function andThen<T, R>(value: T | Promise<T>, step: (value: T) => Promise<R>): Promise<R>;
export function andThen<T, R>(value: T | Promise<T>, step: (value: T) => R | Promise<R>): R | Promise<R>;
export function andThen<T, R>(value: T | Promise<T>, step: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then((kept) => step(kept)) : step(value);
}
