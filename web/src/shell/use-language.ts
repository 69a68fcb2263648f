import { useRouteLoaderData } from 'react-router';
import type { loader } from '../root.tsx';
import type { Language } from './language.ts';

export function useLanguage(): Language {
  return useRouteLoaderData<typeof loader>('root')?.language ?? 'en';
}
