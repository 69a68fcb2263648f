// The proof file of a gift for the holder of its code, from our own API.
import type { Visit } from './visit.ts';

/** The answer of the API as it is; the code travels in the body only. */
export function fetchProof(from: Visit, gift: string, code: string): Promise<Response> {
  if (!/^[a-z][a-z0-9-]{0,31}-\d{1,16}$/.test(gift)) return Promise.resolve(new Response(null, { status: 404 }));
  const headers = { 'content-type': 'application/json' };
  return from.api(`/v1/giving/gifts/${gift}/proof`, { method: 'POST', headers, body: JSON.stringify({ code }) });
}
