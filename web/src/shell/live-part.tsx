import { useRouteLoaderData } from 'react-router';
import type { loader } from '../root.tsx';

/** Loads the live part of a page: a small module of our own, by its source file. The page is whole without it. */
export function LivePart({ of }: { of: string }) {
  const address = useRouteLoaderData<typeof loader>('root')?.live[of];
  return address === undefined ? null : <script type="module" src={address} />;
}
