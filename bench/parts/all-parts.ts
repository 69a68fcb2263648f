/** The parts by name. */
import type { PartName } from '../options.ts';
import { type IngestFigures, ingest } from './ingest.ts';
import type { Part } from './part.ts';
import { type SingleFigures, single } from './single.ts';

export interface Figures {
  readonly ingest: IngestFigures;
  readonly single: SingleFigures;
}

export const allParts: { readonly [Name in PartName]: Part<Figures[Name]> } = { ingest, single };
