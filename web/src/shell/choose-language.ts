// "/" sends everyone on to their language: the one of an earlier page, else the one the browser asks for.
import { redirect } from 'react-router';
import type { Route } from './+types/choose-language';
import { negotiate } from './language.ts';
import { visit } from './visit.ts';

export function loader({ request, context }: Route.LoaderArgs) {
  const language = context.get(visit).remembered ?? negotiate(request.headers.get('accept-language'));
  return redirect(`/${language}`, { headers: { vary: 'accept-language, cookie', 'cache-control': 'no-cache' } });
}
