/** Whether a volume is a file system or a bare device, and which it is when nobody says. */

export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];

export const DEFAULT_VOLUME_MODE = 'Filesystem';
