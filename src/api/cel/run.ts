/** What a compiled expression is, and what it is given when it runs. */
import type { CelEnvironment } from './environment.ts';
import type { CelValue } from './values.ts';

export type Frame = {
  readonly variables: Readonly<Record<string, CelValue>>;
  /** The values of names that the expression itself makes, by their depth. */
  readonly locals: CelValue[];
  readonly spend: (cost: number) => void;
};

export type Run = (frame: Frame) => CelValue;

export type Scope = {
  readonly environment: CelEnvironment;
  /** The names that the expression makes, from the outermost. */
  readonly names?: readonly string[];
};
