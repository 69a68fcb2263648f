/** Forgets a buyer: the key that salts their seals, and every opening. What is public stays, proves, and says nothing of them. */
import type { ErasureAnswer } from '@rivulet/client/contract';
import type { Batch, Work } from '#books/log';
import type { GivingBook } from '../book.ts';
import { forgetPerson } from '../openings/openings.ts';

export async function eraseBuyer(
  { intake, writer }: GivingBook,
  source: string,
  buyer: string,
): Promise<ErasureAnswer> {
  const person = intake.personOf(source, buyer);
  let gifts: number | null = null;
  const work: Work<void> = {
    family: intake,
    size: 1,
    alone: true,
    build(batch: Batch) {
      batch.write(async (tx) => {
        gifts = await forgetPerson(tx, batch.bookId, person, intake.personOf);
      });
      batch.committed(() => intake.people.forget(source, buyer));
    },
  };
  await writer.submit(work);
  return gifts === null ? { outcome: 'unknown', gifts: 0 } : { outcome: 'erased', gifts };
}
