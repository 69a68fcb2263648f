/** Whether the server is well: the database answers and the log has signed lately. */
import { z } from 'zod';

export const Health = z.object({
  status: z.enum(['ok', 'failing']),
  database: z.enum(['ok', 'failing']),
  books: z.array(
    z.object({
      book: z.string(),
      size: z.int().min(0),
      /** Entries accepted and not yet under a checkpoint. */
      behind: z.int().min(0),
      signedSecondsAgo: z.number().nullable(),
      /** Why the book signs or takes nothing, and the command that helps, where there is one. */
      problem: z.string().optional(),
    }),
  ),
});
export type Health = z.output<typeof Health>;
