/** The calendar day of an instant in one time zone, fast: offsets change on quarter hours at most, so a quarter's day is worked out once. */
const quarterMs = 15 * 60 * 1000;
const maxCached = 100_000;

export class ZoneDays {
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, string>();

  /** @param zone IANA name. @throws RangeError for an unknown one */
  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  }

  /** `2026-11-18` */
  dayOf(ms: number): string {
    const quarter = Math.floor(ms / quarterMs);
    let day = this.#days.get(quarter);
    if (day === undefined) {
      if (this.#days.size >= maxCached) this.#days.clear();
      day = this.#format.format(ms);
      this.#days.set(quarter, day);
    }
    return day;
  }
}
