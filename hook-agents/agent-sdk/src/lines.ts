const lineFeed = 10;

/** Reads one JSON value a line, in pieces: all lines together may be more than one string can hold. */
export async function readJsonLines(
  stream: AsyncIterable<Buffer>,
  onValue: (value: unknown) => void,
): Promise<void> {
  let begun: Buffer[] = [];
  for await (const piece of stream) {
    let from = 0;
    for (let end = piece.indexOf(lineFeed); end !== -1; end = piece.indexOf(lineFeed, from)) {
      const line = piece.subarray(from, end);
      const whole = begun.length === 0 ? line : Buffer.concat([...begun, line]);
      onValue(JSON.parse(whole.toString()));
      begun = [];
      from = end + 1;
    }
    if (from < piece.length) begun.push(piece.subarray(from));
  }
  if (begun.length > 0) throw new Error("the answer ends within a line");
}
