// Every page lives below /en or /zh; anything else is no page.
import { data } from 'react-router';
import type { Route } from './+types/guard-language';
import { isLanguage } from './language.ts';

export function loader({ params }: Route.LoaderArgs) {
  if (!isLanguage(params.language)) throw data(null, { status: 404 });
  return null;
}
