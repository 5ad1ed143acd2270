/** What every command is given: the composition root, the outside world and the terminal. */
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Composition } from '../composition.ts';
import type { DataDir } from '../data-dir.ts';
import type { Progress } from '../output/progress.ts';

export type CommandContext = {
  readonly composition: Composition;
  readonly world: World;
  readonly environment: NodeJS.ProcessEnv;
  readonly userId: number;
  /** The file that was started: what a background process runs again. */
  readonly program: string;
  /** The launcher that started it: what a service manager runs again. */
  readonly launcher: string;
  readonly print: (text: string) => void;
  readonly progress: () => Progress;
  /** A client with the cluster's admin certificate. */
  readonly connect: (dir: DataDir) => Promise<Client & Disposable>;
  /** The exit code of a command that has done what was asked and yet has news to tell by it. */
  readonly exitWith: (code: number) => void;
  /** Aborts when the user or the system asks the process to end. */
  readonly signal: AbortSignal;
};

export const DATA_DIR_HELP = 'where the cluster keeps everything; TUTTI_DATA_DIR sets the default';
