/** Bounds of the wire contract. One place, so that the schemas, the fast reader and the documentation cannot drift apart. */
export const limits = {
  /** Events or rows in one bulk request. */
  rows: 10_000,
  /** Bytes of a request body after decompression. */
  bodyBytes: 8 * 1024 * 1024,
  /** Characters (code points) of an id of the marketplace's own. */
  idLength: 128,
  quantity: 1_000_000,
  /** Minor units of one amount of an order line; three of them times 10,000 basis points stay below 2^53. */
  amountMinor: 100_000_000_000,
  /** Minor units that a fixed pledge gives per line or unit; times the largest quantity stays below 2^53. */
  fixedMinor: 1_000_000_000,
  basisPoints: { min: 10, max: 10_000 },
  weight: 10_000,
  recipientsOfPledge: 12,
  /** Years that a time may name. */
  years: { first: 2000, last: 2099 },
  nameLength: 200,
  /** Rows of one page of a list. */
  page: 1_000,
  /** Lines of one page of the change stream. */
  changes: 10_000,
} as const;
