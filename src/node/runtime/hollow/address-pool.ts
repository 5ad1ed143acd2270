/** Gives out a range's IPv4 addresses, each to one at a time, the lowest free one first after the last given. */

export class AddressPool {
  readonly #first: number;
  readonly #count: number;
  readonly #taken = new Set<number>();
  #next = 0;

  /** `198.18.0.0/24`; the first address is the range's own, the second the node's, the last for all. */
  constructor(cidr: string) {
    const [address = '', bits = '32'] = cidr.split('/');
    this.#first = toNumber(address) + 2;
    this.#count = Math.max(0, 2 ** (32 - Number(bits)) - 3);
  }

  take(): string | undefined {
    if (this.#taken.size >= this.#count) return undefined;
    while (this.#taken.has(this.#next)) this.#next = (this.#next + 1) % this.#count;
    const offset = this.#next;
    this.#taken.add(offset);
    this.#next = (offset + 1) % this.#count;
    return toText(this.#first + offset);
  }

  free(address: string): void {
    this.#taken.delete(toNumber(address) - this.#first);
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((total, part) => total * 256 + Number(part), 0);
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
