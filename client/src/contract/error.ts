/** The one form of a refused request. */
import { z } from 'zod';

/** `message` is English, or Chinese for `Accept-Language: zh`. `line` counts from 1 in the body of a bulk request. */
export const ErrorDetail = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
  line: z.int().min(1).optional(),
});
export type ErrorDetail = z.output<typeof ErrorDetail>;

export const ErrorBody = z.object({ error: ErrorDetail }).meta({ id: 'Error' });
export type ErrorBody = z.output<typeof ErrorBody>;
