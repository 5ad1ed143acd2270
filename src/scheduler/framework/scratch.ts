/** Room for the numbers of one decision, shared by all: nothing in it outlasts the decision. */
export type Scratch = {
  readonly slots: Int32Array;
  readonly sizes: Int32Array;
  readonly totals: Int32Array;
  readonly raw: Int32Array;
};

export const scratchFor = (places: number): Scratch => ({
  slots: new Int32Array(places),
  sizes: new Int32Array(places),
  totals: new Int32Array(places),
  raw: new Int32Array(places),
});
