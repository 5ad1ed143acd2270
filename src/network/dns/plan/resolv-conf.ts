/** Reads which servers a resolver configuration names. */
import { parseAddress } from '../../plan/ipv4.ts';

/** The name servers in their order, without those in `own`: asking ourselves would go round for ever. */
export function nameServers(text: string, own: readonly string[]): readonly string[] {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/),
  );
  const named = lines.filter(([keyword]) => keyword === 'nameserver').map(([, address = '']) => address);
  return [...new Set(named)].filter((address) => isUsable(address) && !own.includes(address));
}

// Link-local IPv6 servers carry their interface after a percent sign.
function isUsable(address: string): boolean {
  return parseAddress(address) !== undefined || /^[0-9a-fA-F:.]+(%.+)?$/.test(address);
}
