/** What the environment says, read once. docs/operating/settings.md is for people. */
import { resolve } from 'node:path';

export interface Settings {
  /** RIVULET_DATA, default ./data: the embedded PostgreSQL, the log's files, the secrets. */
  readonly dataFolder: string;
  /** DATABASE_URL: a PostgreSQL server of your own instead of the embedded one. */
  readonly databaseUrl: string | null;
  /** HOST, default 127.0.0.1: this machine only. */
  readonly host: string;
  /** PORT. Null: 4800, or a free one when that is taken. */
  readonly port: number | null;
  /** RIVULET_ORIGIN: under which name the log of a new installation is signed, for example `rivulet.example.org`. Fixed for ever at first start. */
  readonly origin: string | null;
  /** RIVULET_TELEMETRY: least level of what is written to stderr. */
  readonly telemetry: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** RIVULET_TRUST_PROXY: addresses or networks, comma-separated, whose X-Forwarded-For is believed. */
  readonly trustProxy: string | null;
  /** RIVULET_REQUESTS_PER_KEY and RIVULET_REQUESTS_PER_ADDRESS, a second. */
  readonly rates: { readonly perKeyPerSecond: number; readonly perAddressPerSecond: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable */
export function readSettings(environment: Environment): Settings {
  const text = (name: string): string | null => environment[name]?.trim() || null;
  return {
    dataFolder: resolve(text('RIVULET_DATA') ?? 'data'),
    databaseUrl: matching(
      environment,
      'DATABASE_URL',
      /^postgres(ql)?:\/\/.+/,
      'postgres://user:password@host/database',
    ),
    host: text('HOST') ?? '127.0.0.1',
    port: wholeNumber(environment, 'PORT', 0, 65535),
    origin: matching(environment, 'RIVULET_ORIGIN', /^[a-z0-9][a-z0-9./-]{0,150}$/, 'a name like rivulet.example.org'),
    telemetry: oneOf(environment, 'RIVULET_TELEMETRY', ['warn', 'silent', 'error', 'info', 'debug']),
    trustProxy: text('RIVULET_TRUST_PROXY'),
    rates: {
      perKeyPerSecond: wholeNumber(environment, 'RIVULET_REQUESTS_PER_KEY', 1, 1_000_000) ?? 10_000,
      perAddressPerSecond: wholeNumber(environment, 'RIVULET_REQUESTS_PER_ADDRESS', 1, 1_000_000) ?? 200,
    },
  };
}

function wholeNumber(environment: Environment, name: string, from: number, to: number): number | null {
  const text = environment[name]?.trim();
  if (!text) return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < from || value > to)
    throw new Error(`${name} should be a whole number, ${from} to ${to}`);
  return value;
}

function matching(environment: Environment, name: string, form: RegExp, example: string): string | null {
  const text = environment[name]?.trim();
  if (!text) return null;
  if (!form.test(text)) throw new Error(`${name} should be ${example}`);
  return text;
}

function oneOf<const T extends string>(environment: Environment, name: string, allowed: readonly [T, ...T[]]): T {
  const text = environment[name]?.trim() || allowed[0];
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new Error(`${name} should be one of ${allowed.join(', ')}`);
  return found;
}
