/** Drops what is undefined, so that an optional member is absent rather than empty. */

export type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

export function present<T extends object>(object: T): Present<T> {
  // Mostly nothing is missing, and this is asked for every part of every pod's status.
  for (const key in object) if (object[key] === undefined) return withoutMissing(object);
  return object as unknown as Present<T>;
}

function withoutMissing<T extends object>(object: T): Present<T> {
  const found: Partial<T> = {};
  for (const key in object) if (object[key] !== undefined) found[key] = object[key];
  return found as unknown as Present<T>;
}
