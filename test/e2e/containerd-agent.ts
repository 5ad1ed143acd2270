/** A process that starts containerd as an agent does, tells its pid, and lives until it is killed. */
import { silentLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { startContainerd } from '#node/runtime/cri/containerd';
import type { ContainerdSettings } from '#node/runtime/cri/containerd-config';

const settings = JSON.parse(process.argv[2] ?? '') as ContainerdSettings;
const containerd = await startContainerd({ settings, world: systemWorld(), log: silentLogger() });
process.stdout.write(`${containerd.pid()}\n`);
