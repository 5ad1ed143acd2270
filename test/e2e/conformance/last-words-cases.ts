/** What a container says at its end, from its file or its log. */
import type { Container } from '#api/types/core-v1';

export type LastWords = {
  readonly script: string;
  readonly container: Partial<Container>;
  readonly message: string | undefined;
};

const FALLBACK = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;

/** By the name of a row, with hyphens for its blanks. */
export const LAST_WORDS: Readonly<Record<string, LastWords>> = {
  'termination-message-empty-on-success': { script: 'echo DONE', container: FALLBACK, message: undefined },
  'termination-message-from-file': {
    script: 'echo log; printf OK > /dev/termination-log',
    container: FALLBACK,
    message: 'OK',
  },
  'termination-message-from-logs': { script: 'printf DONE; exit 1', container: FALLBACK, message: 'DONE' },
  'termination-message-non-root-custom-path': {
    script: 'printf DONE > /dev/termination-custom-log',
    container: { terminationMessagePath: '/dev/termination-custom-log', securityContext: { runAsUser: 1000 } },
    message: 'DONE',
  },
};
