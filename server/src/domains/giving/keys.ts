/**
 * API keys: `rvk_<id>_<secret>`. Only SHA-256 of the whole key is stored: 160 random bits need no slow hash. What was found is remembered for a
 * few seconds, so a key revoked by another process still works that long.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Pool } from 'pg';
import { base32, newPublicId } from '#base/ids';
import { type Refusal, refusal } from '#base/refusal';
import { findKey, insertKey, type KeyRow, listKeys, revokeKey, touchKeys } from './keys-store.ts';

/** Whose key it is. `source` is null for an operator. */
export interface KeyHolder {
  readonly keyId: string;
  readonly scope: 'operator' | 'source';
  readonly source: string | null;
}

export interface NewKey {
  readonly scope: 'operator' | 'source';
  /** For scope `source`. */
  readonly source?: string;
  readonly label?: string;
  readonly ttlSeconds?: number;
}

export interface KeysOptions {
  readonly now?: () => Date;
  readonly random?: (size: number) => Uint8Array;
}

const form = /^rvk_([0-9a-hjkmnp-tv-z]{16})_[0-9a-hjkmnp-tv-z]{32}$/;
const rememberMs = 5_000;
const rememberAtMost = 10_000;

interface Remembered {
  readonly row: (KeyRow & { hash: Buffer }) | null;
  readonly until: number;
}

export class Keys {
  readonly #pool: Pool;
  readonly #now: () => Date;
  readonly #random: (size: number) => Uint8Array;
  readonly #remembered = new Map<string, Remembered>();
  #used = new Map<string, Date>();

  constructor(pool: Pool, options: KeysOptions = {}) {
    this.#pool = pool;
    this.#now = options.now ?? (() => new Date());
    this.#random = options.random ?? randomBytes;
  }

  /** Makes a key. It is returned here and can never be shown again. Durable on return. */
  async issue(key: NewKey): Promise<{ keyId: string; key: string }> {
    const keyId = newPublicId(this.#random);
    const text = `rvk_${keyId}_${base32(this.#random(20))}`;
    const createdAt = this.#now();
    const expiresAt = key.ttlSeconds === undefined ? null : new Date(createdAt.getTime() + key.ttlSeconds * 1000);
    const { scope, label = '' } = key;
    const source = key.source ?? null;
    await insertKey(this.#pool, { keyId, hash: digest(text), scope, source, label, createdAt, expiresAt });
    this.#remembered.delete(keyId);
    return { keyId, key: text };
  }

  /** Refuses with `key_unknown`, `key_revoked` or `key_expired`, the last two only to who has the right secret. @throws the database's errors */
  async verify(text: string): Promise<KeyHolder | Refusal> {
    const keyId = form.exec(text)?.[1];
    if (keyId === undefined) return unknown;
    const row = await this.#find(keyId);
    if (row === null || !timingSafeEqual(row.hash, digest(text))) return unknown;
    if (row.revokedAt !== null) return revoked;
    const now = this.#now();
    if (row.expiresAt !== null && row.expiresAt <= now) return expired;
    this.#used.set(keyId, now);
    return { keyId, scope: row.scope, source: row.source };
  }

  async list(): Promise<KeyRow[]> {
    return await listKeys(this.#pool);
  }

  /** @returns false when there is no such key */
  async revoke(keyId: string): Promise<boolean> {
    this.#remembered.delete(keyId);
    return await revokeKey(this.#pool, keyId, this.#now());
  }

  /** Writes down when keys were last used. Call it now and then, and at the end; what a crash loses is only that time. */
  async flush(): Promise<void> {
    if (this.#used.size === 0) return;
    const used = this.#used;
    this.#used = new Map();
    await touchKeys(this.#pool, used);
  }

  async #find(keyId: string): Promise<Remembered['row']> {
    const now = this.#now().getTime();
    const known = this.#remembered.get(keyId);
    if (known !== undefined && known.until > now) return known.row;
    const row = await findKey(this.#pool, keyId);
    // Unknown ids are remembered as well: guessing must not reach the database each time.
    if (this.#remembered.size >= rememberAtMost) this.#remembered.clear();
    this.#remembered.set(keyId, { row, until: now + rememberMs });
    return row;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

const unknown = refusal('unauthorised', 'key_unknown', 'this API key is not known', '未知的 API 密钥');
const revoked = refusal('unauthorised', 'key_revoked', 'this API key was revoked', '该 API 密钥已被撤销');
const expired = refusal('unauthorised', 'key_expired', 'this API key has expired', '该 API 密钥已过期');
