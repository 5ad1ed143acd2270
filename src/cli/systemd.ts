/** Runs a cluster as a systemd unit where systemd runs: it comes back after a reboot, and its containers outlive its restarts. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { DataDir } from './data-dir.ts';
import type { Settings } from './settings.ts';
import { writeFileAtomically } from './write-file.ts';

const run = promisify(execFile);

export type Systemd = { readonly unitDir: string; readonly systemctl: string };

/** The system's service manager if it is systemd and this user may talk to it (sd_booted(3)). */
export function findSystemd(userId: number): Systemd | undefined {
  if (userId !== 0 || !existsSync('/run/systemd/system')) return undefined;
  return { unitDir: '/etc/systemd/system', systemctl: 'systemctl' };
}

export const unitName = ({ id }: Pick<Settings, 'id'>): string => `tutti-${id}.service`;

/** `KillMode=process`: containerd and the containers are not the unit's to kill. */
export function unitText(dir: DataDir, command: readonly string[]): string {
  return `[Unit]
Description=Tutti cluster in ${dir.path}
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${[...command, 'up', '--foreground', '--data-dir', dir.path].map(quoted).join(' ')}
KillMode=process
Delegate=yes
Restart=always
RestartSec=1
LimitNOFILE=1048576
StandardOutput=append:${dir.log}
StandardError=append:${dir.log}

[Install]
WantedBy=multi-user.target
`;
}

export async function startUnit(systemd: Systemd, settings: Pick<Settings, 'id'>, text: string): Promise<void> {
  await writeFileAtomically(`${systemd.unitDir}/${unitName(settings)}`, text, 0o644);
  await run(systemd.systemctl, ['daemon-reload']);
  await run(systemd.systemctl, ['enable', '--now', unitName(settings)]);
}

/** Ends the unit if there is one and forgets it; returns whether there was. */
export async function stopUnit(systemd: Systemd, settings: Pick<Settings, 'id'>): Promise<boolean> {
  const path = `${systemd.unitDir}/${unitName(settings)}`;
  if (!existsSync(path)) return false;
  await run(systemd.systemctl, ['disable', '--now', unitName(settings)]);
  await rm(path);
  await run(systemd.systemctl, ['daemon-reload']);
  return true;
}

/** systemd splits on spaces, expands `$` and `%`, and understands double quotes (systemd.service(5), "Command lines"). */
function quoted(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w./:@=-]+$/.test(word) ? word : `"${escaped}"`;
}
