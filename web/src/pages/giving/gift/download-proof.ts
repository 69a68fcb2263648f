// Hands over a proof as a file. A form posts here, so that it works without JavaScript and the code is in no address.
import { data, redirect } from 'react-router';
import { fetchProof } from '../../../shell/fetch-proof.ts';
import { visit } from '../../../shell/visit.ts';
import type { Route } from './+types/download-proof';

export async function action({ request, context }: Route.ActionArgs) {
  const form = await request.formData();
  const gift = String(form.get('gift') ?? '');
  const proof = await fetchProof(context.get(visit), gift, String(form.get('code') ?? ''));
  if (!proof.ok) throw data(null, { status: proof.status });
  return new Response(await proof.text(), {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="gift-${gift}.tlog-proof"`,
      'cache-control': 'no-store',
    },
  });
}

export function loader({ params }: Route.LoaderArgs) {
  return redirect(`/${params.language}/gift`);
}
