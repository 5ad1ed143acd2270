/** What a fuzzing target is: one hostile input a case, made from the case's own chance, given to a part of the server. */
import type { Chance } from './chance.ts';

/** What happened to the input. Anything but these two is a defect. */
export type Outcome = 'accepted' | 'refused';

export type Target = {
  readonly name: string;
  /** How many of a hundred cases, about. */
  readonly share: number;
  /** Throws for a defect; refusals of the server are caught inside. */
  readonly run: (chance: Chance) => Outcome | Promise<Outcome>;
};

/** Runs a part of the server; only errors of the kinds it may throw for bad input count as a refusal. */
export function attempt(refusals: readonly RefusalClass[], run: () => void): Outcome {
  try {
    run();
    return 'accepted';
  } catch (error) {
    return judged(refusals, error);
  }
}

/** The same for what takes several turns of the event loop. */
export async function attemptTurns(refusals: readonly RefusalClass[], run: () => Promise<void>): Promise<Outcome> {
  try {
    await run();
    return 'accepted';
  } catch (error) {
    return judged(refusals, error);
  }
}

function judged(refusals: readonly RefusalClass[], error: unknown): Outcome {
  if (refusals.some((each) => error instanceof each)) return 'refused';
  throw error;
}

// A constructor of any kind: which errors a parser throws is its own business.
type RefusalClass = abstract new (...given: never[]) => Error;
