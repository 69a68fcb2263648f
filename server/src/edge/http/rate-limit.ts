/** How many requests one key, or one address without a key, may send. Tiles and assets are plain files and are not counted. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { refusal } from '#base/refusal';
import { RefusedRequest } from './answers.ts';

export interface Rates {
  readonly perKeyPerSecond: number;
  readonly perAddressPerSecond: number;
}

const windowSeconds = 10;
const uncounted = ['/log/', '/books/', '/assets/', '/healthz', '/metrics'];

export async function addRateLimit(app: FastifyInstance, rates: Rates): Promise<void> {
  await app.register(rateLimit, {
    global: true,
    timeWindow: windowSeconds * 1000,
    max: (request) => windowSeconds * (request.caller ? rates.perKeyPerSecond : rates.perAddressPerSecond),
    keyGenerator: (request) => request.caller?.keyId ?? request.ip,
    allowList: (request) => uncounted.some((prefix) => request.url.startsWith(prefix)),
    cache: 20_000,
    errorResponseBuilder: () => new RefusedRequest(tooFast),
  });
}

const tooFast = refusal('exhausted', 'rate_limited', 'too many requests; slow down', '请求过于频繁，请放慢速度');
