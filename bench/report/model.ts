/** A model on paper: what a peak and a year of the original platform would take, from measured figures and stated assumptions. */

/** What was measured. */
export interface Measured {
  readonly giftsPerSecond: number;
  /** Bytes a gift that stay. */
  readonly heap: number;
  readonly indexes: number;
  readonly privateRows: number;
  readonly log: number;
  /** Bytes a gift of write-ahead log. */
  readonly wal: number;
  /** Bytes an event over the network, in and out. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Microseconds a gift of the busiest thread. */
  readonly mainThread: number | null;
  /** Entries a second, over HTTP. */
  readonly auditPerSecond: number | null;
}

/** What was assumed; each may be argued with. */
export const assumed = {
  ordersPerSecond: 583_000,
  giftsPerYear: 10e9,
  /** Of what a book was measured at, at peak. */
  utilisation: 0.7,
  /** Memory of a machine that may hold indexes. */
  cacheBytes: 16 * 2 ** 30,
  /** Sequential writes of an ordinary NVMe disk. */
  diskBytesPerSecond: 500e6,
  networkBytesPerSecond: 10e9 / 8,
  /** A machine as measured here, in US dollars a year, rented. */
  machineDollarsPerYear: 1_200,
  /** A standby for each. */
  copies: 2,
  /** SSD, in US dollars a gigabyte and year. */
  gigabyteDollarsPerYear: 1,
  secondsPerYear: 365 * 86_400,
} as const;

export interface Limit {
  readonly part: string;
  /** Gifts a second of one book at which it is used up; null for those that time uses up, not speed. */
  readonly giftsPerSecond: number | null;
  /** Gifts in one book at which it is used up. */
  readonly gifts: number | null;
  readonly arithmetic: string;
}

export interface Model {
  readonly perBook: number;
  readonly books: number;
  readonly machines: number;
  readonly meanPerSecond: number;
  readonly bytesAGift: number;
  readonly terabytesAYear: number;
  readonly terabytesABook: number;
  readonly networkAtPeak: number;
  readonly networkABook: number;
  readonly dollarsAYear: number;
  readonly dollarsAMillionGifts: number;
  readonly auditHours: number | null;
  /** Of one book, that which breaks first first. */
  readonly limits: readonly Limit[];
}

export function modelOf(measured: Measured): Model {
  const { giftsPerSecond, heap, indexes, privateRows, log, bytesIn, bytesOut, auditPerSecond } = measured;
  const perBook = giftsPerSecond * assumed.utilisation;
  const books = Math.ceil(assumed.ordersPerSecond / perBook);
  const machines = books * assumed.copies;
  const bytesAGift = heap + indexes + privateRows + log;
  const bytesAYear = bytesAGift * assumed.giftsPerYear;
  const dollarsAYear =
    machines * assumed.machineDollarsPerYear + ((bytesAYear * assumed.copies) / 1e9) * assumed.gigabyteDollarsPerYear;
  const network = (bytesIn + bytesOut) * assumed.ordersPerSecond;
  return {
    perBook,
    books,
    machines,
    meanPerSecond: assumed.giftsPerYear / assumed.secondsPerYear,
    bytesAGift,
    terabytesAYear: bytesAYear / 1e12,
    terabytesABook: bytesAYear / books / 1e12,
    networkAtPeak: network,
    networkABook: network / books,
    dollarsAYear,
    dollarsAMillionGifts: dollarsAYear / (assumed.giftsPerYear / 1e6),
    auditHours: auditPerSecond === null ? null : assumed.giftsPerYear / auditPerSecond / 3_600,
    limits: limitsOf(measured),
  };
}

function limitsOf({ giftsPerSecond, indexes, wal, log, bytesIn, bytesOut, mainThread }: Measured): Limit[] {
  const speed = (part: string, most: number, arithmetic: string): Limit => ({
    part,
    giftsPerSecond: most,
    gifts: null,
    arithmetic,
  });
  const network = bytesIn + bytesOut;
  const disk = wal + log;
  const limits = [
    speed('both cores, as measured', giftsPerSecond, 'measured, load included'),
    ...(mainThread === null
      ? []
      : [speed('the main thread of the server', 1e6 / mainThread, `1,000,000 µs / ${mainThread} µs a gift`)]),
    speed(
      'writing to disk',
      assumed.diskBytesPerSecond / disk,
      `${assumed.diskBytesPerSecond / 1e6} MB/s / (${wal} bytes of write-ahead log + ${log} of log)`,
    ),
    speed(
      'the network',
      assumed.networkBytesPerSecond / network,
      `10 Gbit/s / (${bytesIn} bytes in + ${bytesOut} out)`,
    ),
  ].toSorted((a, b) => (a.giftsPerSecond ?? 0) - (b.giftsPerSecond ?? 0));
  const inMemory = assumed.cacheBytes / Math.max(1, indexes);
  return [
    ...limits,
    {
      part: 'indexes in memory',
      giftsPerSecond: null,
      gifts: inMemory,
      arithmetic: `${assumed.cacheBytes / 2 ** 30} GiB / ${indexes} bytes a gift; from then on a gift may cost a read`,
    },
  ];
}
