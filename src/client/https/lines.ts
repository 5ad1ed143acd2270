/** Cuts a stream of bytes into lines. */

const NEWLINE = 0x0a;

/** The complete lines of each piece together, as text; what follows the last newline waits for the rest of its line. */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  let open: Buffer[] = [];
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(NEWLINE);
    if (end < 0) {
      open.push(piece);
      continue;
    }
    // Whole lines are decoded at once: a character may lie across two pieces.
    const text = Buffer.concat([...open, piece.subarray(0, end)]).toString('utf8');
    open = end + 1 < piece.length ? [piece.subarray(end + 1)] : [];
    yield text.split('\n').filter((line) => line !== '');
  }
}
