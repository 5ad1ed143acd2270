/** What every part of a running process is given. */
import type { Logger } from '#base/log';
import type { World } from '#base/world';

export type Surroundings = { readonly world: World; readonly logger: Logger; readonly signal: AbortSignal };
