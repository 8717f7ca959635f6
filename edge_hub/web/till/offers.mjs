/** What this till can be paid by at the moment, beside cash. */
import { signal, useEffect } from './lib.mjs';
import { get, link } from './api.mjs';
import { locale, t } from './i18n.mjs';
import { tenderName } from './payment-words.mjs';
import { devices, payments } from './state.mjs';

const TERMINAL = 'eft_terminal';
/** While something is in the way of one of them, and nobody tells when it is not any more. */
const AGAIN_MS = 4_000;

/** @type {{value: import('./types.mjs').Offer[]}} */
export const offers = signal([]);

/** Card terminals, of every till. */
export const terminals = () => [...devices.value.values()].filter((one) => one.roles.includes(TERMINAL));

let asked = 0;

/** Ask the hub now; answers may overtake each other, and the last question's counts. */
export async function loadOffers() {
  const mine = ++asked;
  const answer = await get('/v1/tenders').catch(() => null);
  if (answer && mine === asked) offers.value = answer.tenders.filter((one) => one.method !== 'cash');
}

/** Keep `offers` up while a page shows them. */
export function useOffers() {
  const mark = [...terminals().map((one) => one.id + one.state), ...[...payments.value.values()].map((one) => one.id + one.outcome)];
  useEffect(() => {
    loadOffers();
  }, [mark.join(' '), link.value, locale.value]);
  const waiting = link.value !== 'away' && offers.value.some((one) => !one.ready);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(loadOffers, AGAIN_MS);
    return () => clearInterval(timer);
  }, [waiting]);
}

/** The way of paying that a payment went by, if it is offered still. @param {import('./types.mjs').Payment} one */
export const offerOf = (one) => offers.value.find((offer) => offer.provider === one.provider && offer.method === one.method);

/** "Card", "LINE Pay"; by its own name where there are two of a kind. @param {import('./types.mjs').Offer} offer */
export function offerName(offer) {
  if (offer.method === 'standalone') return offers.value.some((one) => one.method === 'terminal') ? t('charge.standalone') : t('tender.card');
  const same = offers.value.filter((one) => one.type === offer.type && one.method === offer.method);
  return same.length > 1 ? offer.label : tenderName(offer.type);
}
