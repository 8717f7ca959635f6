/**
 * Talking to the hub. A command is sent with one Idempotency-Key until it is answered, so a lost answer never
 * becomes a second line, a second sale or a second page. Until then it is kept in storage, for a reload.
 */
import { signal } from './lib.mjs';
import { locale } from './i18n.mjs';
import { recall, remember } from './storage.mjs';

const ANSWER_WAIT_MS = 15_000;
const RETRY_FIRST_MS = 400;
const RETRY_MAX_MS = 8_000;
/** The hub says 503 while it stops or its disk is full; after this many it is told to the person instead. */
const BUSY_TRIES_MAX = 6;
const RATE_LIMITED = 'rate-limited';
/** Also a 503, of one device: the hub itself is there. */
const DEVICE_AWAY = 'device-away';

/** Is the hub reachable? "connecting" at first, then "live" or "away". */
export const link = signal('connecting');
/** The device token; empty before pairing. */
export const token = { value: '' };
/** Set by main: what to do when the hub no longer knows this tablet, or nobody is signed in. */
export const hooks = { unpaired: () => {}, signedOut: () => {} };

/** The hub said no (RFC 9457 problem). */
export class Problem extends Error {
  /** @param {any} body @param {number} status */
  constructor(body, status) {
    super(body?.detail || body?.title || `HTTP ${status}`);
    this.status = status;
    this.code = String(body?.type ?? '').split('/').pop() ?? '';
    this.params = body ?? {};
  }
}

/** The hub could not be reached: nothing is known of the outcome. */
export class Away extends Error {}

const wakers = new Set();

/** Try waiting commands again at once (the connection is back). */
export function wakeRetries() {
  for (const wake of [...wakers]) wake();
}

/** @param {number} wait_ms */
function pause(wait_ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      wakers.delete(done);
      resolve(undefined);
    };
    const timer = setTimeout(done, wait_ms);
    wakers.add(done);
  });
}

/** One attempt. Throws Away when there is no answer, Problem when the answer is no. */
async function attempt(method, path, { body, key, version, accept } = {}) {
  const headers = { Accept: accept ?? 'application/json', 'Accept-Language': locale.value };
  if (token.value) headers.Authorization = `Bearer ${token.value}`;
  if (key) headers['Idempotency-Key'] = key;
  if (version != null) headers['If-Match'] = `"${version}"`;
  const file = body instanceof Blob;
  if (body !== undefined) headers['Content-Type'] = file ? body.type : 'application/json';
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined || file ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WAIT_MS),
      cache: 'no-store',
    });
    if (answer.status === 502 || answer.status === 504) throw new Away(String(answer.status));
    if (!answer.ok) throw await problemOf(answer);
    return await bodyOf(answer, accept);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Away(String(error));
  }
}

async function problemOf(answer) {
  const body = await answer.json().catch(() => null);
  const problem = new Problem(body, answer.status);
  const retryAfter = Number(answer.headers.get('Retry-After'));
  if (retryAfter) problem.params.retry_after_s ??= retryAfter;
  if (answer.status === 401 && problem.code === 'unauthenticated') hooks.unpaired();
  if (problem.code === 'staff-needed') hooks.signedOut();
  return problem;
}

function bodyOf(answer, accept) {
  if (answer.status === 204) return null;
  if (accept?.startsWith('image/')) return answer.blob();
  if (accept?.startsWith('text/')) return answer.text();
  return answer.json();
}

/** Nothing happened and asking again soon may do. */
const isBusy = (error) => (error.status === 503 && error.code !== DEVICE_AWAY) || error.code === RATE_LIMITED;

/** Read. Throws Away or Problem. @param {string} path @param {{accept?: string}} [options] */
export async function get(path, options = {}) {
  try {
    const answer = await attempt('GET', path, options);
    if (link.value === 'away') link.value = 'live';
    return answer;
  } catch (error) {
    if (error instanceof Away) link.value = 'away';
    throw error;
  }
}

/** A key nobody else has, also where crypto.randomUUID is missing (plain http on a LAN). */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Do something, once. Resolves with the answer, however long the hub is away; throws Problem on a no.
 * @param {string} method @param {string} path @param {any} [body] JSON, or a file as a Blob
 * @param {{version?: number, key?: string, kept?: boolean}} [options] `kept`: survive a reload (see `unanswered`)
 */
export async function command(method, path, body, { version, key = newKey(), kept = false } = {}) {
  if (kept) remember('unanswered', { method, path, body, version, key });
  let wait_ms = RETRY_FIRST_MS;
  let busy = 0;
  for (;;) {
    try {
      const answer = await attempt(method, path, { body, key, version });
      if (kept) remember('unanswered', null);
      if (link.value === 'away') link.value = 'live';
      return answer;
    } catch (error) {
      const again = error instanceof Away || (isBusy(error) && ++busy < BUSY_TRIES_MAX);
      if (!again) {
        if (kept) remember('unanswered', null);
        if (link.value === 'away') link.value = 'live';
        throw error;
      }
      if (error.code !== RATE_LIMITED) link.value = 'away';
    }
    await pause(wait_ms / 2 + Math.random() * (wait_ms / 2));
    wait_ms = Math.min(wait_ms * 2, RETRY_MAX_MS);
  }
}

/** A command that a reload cut off before its answer, or null. Send it again by `command` with its own key. */
export const unanswered = () => recall('unanswered');
