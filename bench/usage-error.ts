/** What was asked on the command line cannot be done. */
export class UsageError extends Error {}
