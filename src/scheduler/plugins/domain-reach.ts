/** Over how many domains of a topology the candidates lie. */
import type { Candidates } from '../framework/plugin.ts';
import type { Topology } from '../snapshot/topologies.ts';

/** The raw score of candidates that are not scored. */
export const IGNORED = -1;

export class DomainReach {
  /** By domain, whether a candidate lies in it: when it is `#mark`. */
  #marks = new Int32Array(16);
  #mark = 0;

  /** Nodes without the label are together in a domain without a name. `raw` goes by the candidate's index. */
  domainsAmong({ slots, count }: Candidates, { domainAt, end }: Topology, raw: Float64Array): number {
    if (end >= this.#marks.length) this.#marks = new Int32Array(2 * end + 16);
    this.#mark++;
    let domains = 0;
    for (let index = 0; index < count; index++) {
      if (raw[index] === IGNORED) continue;
      const place = (domainAt[slots[index] as number] as number) + 1;
      if (this.#marks[place] === this.#mark) continue;
      this.#marks[place] = this.#mark;
      domains++;
    }
    return domains;
  }
}
