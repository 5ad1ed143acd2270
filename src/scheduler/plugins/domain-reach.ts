/** Over how many domains of a topology the candidates lie. */
import type { Candidates } from '../framework/plugin.ts';
import type { Topology } from '../snapshot/topologies.ts';

/** The raw score of candidates that are not scored. */
export const IGNORED = -1;

type Found = { readonly stamp: number; readonly domains: number };

export class DomainReach {
  /** By domain, whether a candidate lies in it: when it is `#mark`. */
  #marks = new Int32Array(16);
  #mark = 0;
  readonly #found = new Map<Topology, Found>();

  /** Nodes without the label are together in a domain without a name. `raw` goes by the candidate's index. */
  domainsAmong(candidates: Candidates, topology: Topology, raw: Float64Array): number {
    const { stamp } = candidates;
    const known = this.#found.get(topology);
    if (stamp !== undefined && known?.stamp === stamp) return known.domains;
    const domains = this.#count(candidates, topology, raw);
    if (stamp !== undefined) this.#found.set(topology, { stamp, domains });
    return domains;
  }

  #count({ slots, count }: Candidates, { domainAt, end }: Topology, raw: Float64Array): number {
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
