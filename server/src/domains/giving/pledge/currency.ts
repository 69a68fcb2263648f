/** Currencies of ISO 4217 and how many decimal places their minor unit has. */

const known = new Set(Intl.supportedValuesOf('currency'));

/** ISO 4217, where it is not two places (list of 2024). The platform's own tables round some currencies as shops do, so they are no help. */
const scales: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const scaleOf = new Map(
  Object.entries(scales).flatMap(([scale, codes]) => codes.split(' ').map((code) => [code, Number(scale)] as const)),
);

export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** Decimal places of the major unit: 2 for CNY. */
export function currencyScale(code: string): number {
  return scaleOf.get(code) ?? 2;
}
