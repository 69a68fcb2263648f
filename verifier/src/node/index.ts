/** What only Node has: folders, and a faster SHA-256. */
export * from './folder-source.ts';
export * from './native-sha256.ts';
export * from './site-source.ts';
