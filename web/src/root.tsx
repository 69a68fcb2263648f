// The frame of every page: language, header, footer, and errors with grace.
import { I18nextProvider } from 'react-i18next';
import { isRouteErrorResponse, Links, Outlet, useRouteLoaderData } from 'react-router';
import type { Route } from './+types/root';
import './shell/tokens.css';
import './shell/base.css';
import './shell/frame.css';
import { ErrorPage } from './shell/error-page.tsx';
import icon from './shell/icon.svg?url';
import { isLanguage, negotiate, tag } from './shell/language.ts';
import { SiteFooter } from './shell/site-footer.tsx';
import { SiteHeader } from './shell/site-header.tsx';
import { speak } from './shell/speak.ts';
import { visit } from './shell/visit.ts';

export function loader({ request, params, context }: Route.LoaderArgs) {
  const { remembered, demo, site, live } = context.get(visit);
  const asked = params.language;
  const language = isLanguage(asked) ? asked : (remembered ?? negotiate(request.headers.get('accept-language')));
  return { language, demo, site, live, path: new URL(request.url).pathname };
}

export function Layout({ children }: { children: React.ReactNode }) {
  const known = useRouteLoaderData<typeof loader>('root');
  const language = known?.language ?? 'en';
  const path = known?.path ?? '/en';
  return (
    <I18nextProvider i18n={speak(language)}>
      <html lang={tag[language]}>
        <head>
          <meta charSet="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="theme-color" content="#fbfaf6" media="(prefers-color-scheme: light)" />
          <meta name="theme-color" content="#12171b" media="(prefers-color-scheme: dark)" />
          <link rel="icon" href={icon} type="image/svg+xml" />
          <Links />
        </head>
        <body>
          <SiteHeader language={language} path={path} demo={known?.demo ?? false} />
          <main id="main">{children}</main>
          <SiteFooter language={language} site={known?.site ?? ''} />
        </body>
      </html>
    </I18nextProvider>
  );
}

export default function Page() {
  return <Outlet />;
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return <ErrorPage status={isRouteErrorResponse(error) ? error.status : 500} />;
}
