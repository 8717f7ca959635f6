/**
 * Payments by card and wallet: begun here, carried out by the hub, followed by its events. The screen may be left and
 * comes back; nothing of that moves money.
 */
import { command, get } from './api.mjs';
import { change, explain, letGo, refetch, showSale } from './baskets.mjs';
import { t } from './i18n.mjs';
import { doubtWords, outcomeWords, sceneOf } from './payment-words.mjs';
import { sound } from './sound.mjs';
import { basket, baskets, client, go, money, page, payments, say, tell, watched } from './state.mjs';
import { recall, remember } from './storage.mjs';

/** A terminal of its own waits for its cashier: only after this time is that something to look into. */
const STANDALONE_CALM_MS = 10 * 60_000;
const ENDED_KEPT_MAX = 20;

/** How the last ones ended: the socket may tell that before the answer comes to what began them. @type {Map<string, import('./types.mjs').Payment>} */
const lately = new Map();

/** Not settled yet. @param {import('./types.mjs').Payment} one */
export const isGoing = (one) => one.outcome === 'pending' || one.outcome === 'unknown';

/** What calls for a manager, oldest first: not what the hub is giving back just now. */
export const unresolved = () =>
  [...payments.value.values()]
    .filter((one) => one.why !== '' && one.why !== 'void_open' && (one.method !== 'standalone' || Date.now() - one.opened_ms > STANDALONE_CALM_MS))
    .sort((one, other) => one.opened_ms - other.opened_ms);

/** Those of this till that are not settled, newest first. */
export const goingHere = () =>
  [...payments.value.values()]
    .filter((one) => isGoing(one) && one.till === client.value?.till)
    .sort((one, other) => other.opened_ms - one.opened_ms);

/** The payment on the screen, or undefined. */
export const onScreen = () => payments.value.get(watched.value);

/** After a reload: the payment that was on the screen. */
export function recallWatched() {
  watched.value = recall('payment') ?? '';
}

/** @param {string} id "" for none */
function setWatched(id) {
  watched.value = id;
  remember('payment', id || null);
}

/** The later of what is told and what was heard of it before. @param {import('./types.mjs').Payment} told */
function newest(told) {
  const heard = payments.value.get(told.id) ?? lately.get(told.id);
  return heard && heard.version >= told.version ? heard : told;
}

/** Look at a payment. @param {import('./types.mjs').Payment} told */
export function watch(told) {
  const one = newest(told);
  setWatched(one.id);
  put(one);
  go('payment');
  if (!isGoing(one)) ended(one);
}

/** Leave the screen: what goes on goes on. @param {string} to a page */
export function leave(to = 'sell') {
  const one = onScreen();
  setWatched('');
  if (one) put(one);
  go(to);
}

/** Serve the next customer: the basket stays open on the hub, with its payment. */
export function leaveBasket() {
  letGo();
  leave('sell');
}

function put(one) {
  const map = new Map(payments.value);
  if (isGoing(one) || one.why !== '' || one.id === watched.value) map.set(one.id, one);
  else {
    map.delete(one.id);
    lately.delete(one.id);
    lately.set(one.id, one);
    if (lately.size > ENDED_KEPT_MAX) lately.delete(lately.keys().next().value);
  }
  payments.value = map;
}

/** All that are under way or in doubt, as the hub lists them. @param {import('./types.mjs').Payment[]} list */
export function meetPayments(list) {
  const ended = [...payments.value.values()].filter(isGoing).map((one) => one.id);
  const missing = new Set(watched.value ? [...ended, watched.value] : ended);
  for (const one of list) missing.delete(one.id);
  const kept = onScreen();
  payments.value = new Map([...(kept ? [kept] : []), ...list].map((one) => [one.id, one]));
  for (const id of missing) look(id);
}

/** @param {string} id of a payment that ended while nobody told */
async function look(id) {
  try {
    meetPayment(await get(`/v1/payments/${id}`));
  } catch (error) {
    if (error.status === 404 && id === watched.value) setWatched('');
  }
}

/** The hub says how a payment is now. @param {import('./types.mjs').Payment} one */
export function meetPayment(one) {
  const before = payments.value.get(one.id);
  if (before && before.version > one.version) return;
  put(one);
  if (isGoing(one)) {
    if (one.id === watched.value && one.outcome === 'unknown' && before?.outcome === 'pending' && one.method !== 'standalone') say(doubtWords(one));
    return;
  }
  const news = !before || isGoing(before);
  if (one.id === watched.value) {
    if (news) ended(one);
  } else if (before && news && one.till === client.value?.till) tell(inPassing(one), { tone: one.outcome === 'approved' ? 'info' : 'bad' });
}

const inPassing = (one) => t('payment.says', { amount: money(one.amount), text: outcomeWords(one) });

/** The payment on the screen has its outcome. */
async function ended(one) {
  say(outcomeWords(one));
  if (sceneOf(one, basket.value, baskets.value) !== 'approved') {
    sound('bad');
    return;
  }
  const here = page.value === 'payment';
  setWatched('');
  put(one);
  if (one.kind === 'sale' && one.sale_id) {
    if (basket.value?.id === one.basket_id) letGo();
    await showSale(one.sale_id);
    return;
  }
  sound('good');
  tell(inPassing(one));
  if (one.kind === 'sale' || one.basket_id) await refetch();
  if (here) go(one.kind === 'refund' || one.kind === 'tip' || !basket.value ? 'history' : 'pay');
}

/** A command about a payment; the payment as it is afterwards, or null when it was refused (the person was told). */
async function order(path, body = {}) {
  try {
    return await command('POST', path, body);
  } catch (error) {
    explain(error);
    return null;
  }
}

/**
 * Ask a terminal or wallet for money for the basket in hand. The customer's code is kept nowhere on the tablet.
 * @param {{provider: string, method: string, amount: number, tip?: number, code?: string}} asked
 */
export async function charge(asked) {
  const answer = await change(() => ({ method: 'POST', path: '/payments', body: asked }), { kept: false });
  if (answer) watch(answer.payment);
}

/** An attempt of its own about an earlier one. */
async function begin(path, body) {
  const answer = await order(path, body);
  if (answer) watch(answer);
  return answer !== null;
}

/** @param {import('./types.mjs').Payment} one */
export const voidPayment = (one) => begin(`/v1/payments/${one.id}/void`);

/** @param {import('./types.mjs').Payment} one @param {number} amount */
export const refundPayment = (one, amount) => begin(`/v1/payments/${one.id}/refunds`, { amount });

/** What the customer wrote on the slip. @param {import('./types.mjs').Payment} one @param {number} amount */
export const addTip = (one, amount) => begin(`/v1/payments/${one.id}/tip`, { amount });

/** @param {import('./types.mjs').Payment} one @param {'stop'|'ask'|'resolve'|'review'} what @param {object} [body] */
export async function about(one, what, body) {
  const answer = await order(`/v1/payments/${one.id}/${what}`, body);
  if (answer && newest(answer) === answer) meetPayment(answer);
  return answer !== null;
}

/** Keep a photo as evidence; its SHA-256, or "" when it was refused. @param {Blob} picture */
export async function keepPhoto(picture) {
  return (await order('/v1/payment-photos', picture))?.sha256 ?? '';
}
