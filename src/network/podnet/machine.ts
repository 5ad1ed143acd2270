/** What the machine's network looks like, read without privileges or programs. */
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { formatAddress, formatRange, parseRange } from '../plan/ipv4.ts';

// Set aside for documentation, so it is only ever reached by the default route.
const OUTSIDE = '203.0.113.1';
const LOOPBACK = '127.0.0.1';
const DISCARD_PORT = 9;

/** The IPv4 address the machine is known by: the source of its default route, else its first address, else 127.0.0.1. */
export async function primaryAddress(): Promise<string> {
  return (await sourceOfDefaultRoute()) ?? outwardAddresses()[0] ?? LOOPBACK;
}

/** The ranges the machine has addresses in or routes to; the default route is among them as 0.0.0.0/0. */
export async function takenRanges(): Promise<readonly string[]> {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const ranges = own.filter(({ family }) => family === 'IPv4').map(({ cidr, address }) => cidr ?? `${address}/32`);
  return [
    ...ranges.map((range) => formatRange(parseRange(range))),
    ...routedRanges(await readFile('/proc/net/route', 'utf8')),
  ];
}

/** The destinations in the kernel's table of routes, whose numbers are hexadecimal in the machine's byte order. */
export function routedRanges(table: string): readonly string[] {
  const rows = table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/));
  return rows.filter((row) => row.length >= 8).map((row) => `${littleEndian(row[1] ?? '')}/${maskBits(row[7] ?? '')}`);
}

/** The size of the largest packet that the link with this address carries. */
export async function linkMtu(address: string): Promise<number> {
  const named = Object.entries(networkInterfaces()).find(([, own]) => own?.some((each) => each.address === address));
  const text = named === undefined ? '' : await readFile(`/sys/class/net/${named[0]}/mtu`, 'utf8').catch(() => '');
  const mtu = Number(text.trim() || ETHERNET_MTU);
  // The loopback's 65536 is no link's: pods would send what no other link carries.
  return Math.min(mtu, ETHERNET_MTU);
}

const ETHERNET_MTU = 1500;

function outwardAddresses(): readonly string[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}

// Connecting a datagram socket sends nothing: the kernel only looks up the route and the source it would use.
function sourceOfDefaultRoute(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (address?: string): void => {
      socket.close();
      resolve(address === LOOPBACK || address === '0.0.0.0' ? undefined : address);
    };
    socket.once('error', () => finish());
    socket.connect(DISCARD_PORT, OUTSIDE, () => finish(socket.address().address));
  });
}

function littleEndian(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return formatAddress(Number.parseInt(bytes.toReversed().join('') || '0', 16));
}

function maskBits(hex: string): number {
  return (
    Number.parseInt(hex || '0', 16)
      .toString(2)
      .match(/1/g) ?? []
  ).length;
}
