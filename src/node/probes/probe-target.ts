/** Where probes and hooks reach a container, and what they say when they do not. */
import type { Container } from '#api/types/core-v1';

export type Answer = { readonly result: 'Success' | 'Failure'; readonly output: string; readonly warning?: string };

/** A port by number, or by the name the container gives it. Throws when there is none of that name. */
export function resolvePort(port: number | string, { ports = [], name }: Pick<Container, 'ports' | 'name'>): number {
  const named = ports.find((each) => each.name === port)?.containerPort;
  const number = named ?? Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new Error(`Cannot find port "${port}": container "${name}" has no port of that name`);
  }
  return number;
}

/** `198.18.0.5:80`, `[fd00::5]:80`. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A failed connection as Go tells it. */
export function dialFailure(address: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const texts: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connect: connection refused',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
    ECONNRESET: 'read: connection reset by peer',
    ETIMEDOUT: 'i/o timeout',
  };
  return `dial tcp ${address}: ${texts[code ?? ''] ?? message}`;
}
