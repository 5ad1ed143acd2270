/** Replaces `$(NAME)` in commands, arguments and values of variables. */

const REFERENCE = /\$(\$|\(([^)]*)\))/g;

/** A name that `lookUp` does not know stays as it is written; `$$` is a single `$`. */
export function expandReferences(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(REFERENCE, (whole, what: string, name: string) => (what === '$' ? '$' : (lookUp(name) ?? whole)));
}
