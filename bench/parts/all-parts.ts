/** The parts by name. */
import type { PartName } from '../options.ts';
import { type AuditFigures, audit } from './audit.ts';
import { type GrowthFigures, growth } from './growth.ts';
import { type IngestFigures, ingest } from './ingest.ts';
import { type OverloadFigures, overload } from './overload.ts';
import type { Part } from './part.ts';
import { type SingleFigures, single } from './single.ts';
import { type SoakFigures, soak } from './soak.ts';
import { type SparseFigures, sparse } from './sparse.ts';
import { type StreamFigures, stream } from './stream.ts';

export interface Figures {
  readonly ingest: IngestFigures;
  readonly single: SingleFigures;
  readonly sparse: SparseFigures;
  readonly overload: OverloadFigures;
  readonly audit: AuditFigures;
  readonly stream: StreamFigures;
  readonly growth: GrowthFigures;
  readonly soak: SoakFigures;
}

export const allParts: { readonly [Name in PartName]: Part<Figures[Name]> } = {
  ingest,
  single,
  sparse,
  overload,
  audit,
  stream,
  growth,
  soak,
};
