/** Loads a built site: its answering function, its assets, and where its live parts are. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtSite } from './build-site.ts';

/** What a page is told about the visit; the same shape as Visit in web/src/shell/visit.ts. */
export interface About {
  api(path: string, init?: RequestInit): Promise<Response>;
  report(error: unknown): void;
  remembered: 'en' | 'zh' | undefined;
  demo: boolean;
  site: string;
  live: Readonly<Record<string, string>>;
}

export interface Site {
  respond(request: Request, about: About): Promise<Response>;
  /** Address of each live part by its source file. */
  readonly live: Readonly<Record<string, string>>;
  /** Folders of files with a hash in their name, by the prefix of their address. */
  readonly assets: Readonly<Record<string, string>>;
}

const livePrefix = '/assets/live/';

/** @throws Error when the site cannot be built */
export async function openSite(): Promise<Site> {
  const folder = await builtSite();
  const bundle = await import(pathToFileURL(join(folder, 'server/index.js')).href);
  const respond: Site['respond'] = bundle.entry.module.openSite(bundle);
  const manifest: Record<string, { file: string; isEntry?: boolean }> = JSON.parse(
    await readFile(join(folder, 'live/manifest.json'), 'utf8'),
  );
  const entries = Object.entries(manifest).filter(([, { isEntry }]) => isEntry);
  const live = Object.fromEntries(entries.map(([source, { file }]) => [source, livePrefix + file]));
  return { respond, live, assets: { [livePrefix]: join(folder, 'live'), '/assets/': join(folder, 'client/assets') } };
}
