/** Turns the runtime's log lines (time, stream, tag, text) into what a client asked to see. Pure, and true to every byte. */

export type LogView = {
  readonly timestamps: boolean;
  /** Older lines are left out. */
  readonly sinceMs?: number;
  /** Absent: both. */
  readonly stream?: 'stdout' | 'stderr';
};

const NEWLINE = 0x0a;
const SPACE = 0x20;
const PARTIAL = 0x50; // "P": the container's own line goes on in the next one
const NANO_DIGITS = 9;

export class LogFormatter {
  readonly #view: LogView;
  #startsLine = true;

  constructor(view: LogView) {
    this.#view = view;
  }

  /** `line` is without its end. Empty for lines that are not to be seen, or are not as the runtime writes them. */
  format(line: Buffer): readonly Buffer[] {
    const timeEnd = line.indexOf(SPACE);
    const streamEnd = line.indexOf(SPACE, timeEnd + 1);
    if (timeEnd < 0 || streamEnd < 0) return [];
    const tagEnd = line.indexOf(SPACE, streamEnd + 1);
    const time = line.toString('latin1', 0, timeEnd);
    if (!this.#isSeen(time, line.toString('latin1', timeEnd + 1, streamEnd))) return [];
    const isPartial = line[streamEnd + 1] === PARTIAL;
    const text = tagEnd < 0 ? Buffer.alloc(0) : line.subarray(tagEnd + 1);
    const prefix = this.#view.timestamps && this.#startsLine ? [Buffer.from(`${fixedTime(time)} `)] : [];
    this.#startsLine = !isPartial;
    return isPartial ? [...prefix, text] : [...prefix, text, Buffer.of(NEWLINE)];
  }

  #isSeen(time: string, stream: string): boolean {
    const { sinceMs, stream: wanted } = this.#view;
    return (wanted === undefined || wanted === stream) && (sinceMs === undefined || Date.parse(time) >= sinceMs);
  }
}

/** The runtime leaves out trailing zeros; clients get all nine digits, so that columns stay straight. */
export function fixedTime(time: string): string {
  const match = /^([^.Z+]*T[^.Z+-]*)(?:\.(\d+))?(.*)$/.exec(time);
  if (match === null) return time;
  const [, seconds = '', fraction = '', zone = ''] = match;
  return `${seconds}.${fraction.padEnd(NANO_DIGITS, '0')}${zone}`;
}

/** Cuts bytes into lines, keeping the unfinished rest for the next bytes. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  split(chunk: Buffer): readonly Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: Buffer[] = [];
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      lines.push(bytes.subarray(at, end));
      at = end + 1;
    }
    this.#rest = bytes.subarray(at);
    return lines;
  }

  /** What came after the last line's end is no line any more. */
  reset(): void {
    this.#rest = Buffer.alloc(0);
  }
}
