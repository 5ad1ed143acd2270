/** One line of a container's log file as the runtime writes it: time, stream, tag, text. */

export type LogLine = {
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The container's line goes on in the next one of the same stream. */
  readonly partial: boolean;
  readonly text: string;
};

const LINE = /^(\S+) (stdout|stderr) ([FP][^ ]*) ?(.*)$/s;

/** Undefined for what is not a whole line. */
export function parseLogLine(line: string): LogLine | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, time = '', stream, tags = 'F', text = ''] = match;
  return { time, stream: stream as LogLine['stream'], partial: tags.startsWith('P'), text };
}
