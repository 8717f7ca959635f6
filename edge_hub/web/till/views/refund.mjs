/** How a sale was paid, giving it back, and a tip to it. */
import { html, useEffect, useState } from '../lib.mjs';
import { get, link } from '../api.mjs';
import { locale, t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { parseFixed, plainText } from '../money.mjs';
import { offerOf, useOffers } from '../offers.mjs';
import { Dialog, shut, WithCard } from '../parts.mjs';
import { cardWords, kindWords, outcomeWords, takesCard } from '../payment-words.mjs';
import { isGoing, refundPayment, watch } from '../payments.mjs';
import { dialog, hub, may, money, payments } from '../state.mjs';

const GIVEN = new Set(['approved', 'pending', 'unknown']);

/** What is left to give back, with a tip that was added. @param {import('../types.mjs').Payment} paid @param {import('../types.mjs').Payment[]} all of its sale */
function leftOf(paid, all) {
  if (paid.outcome !== 'approved') return 0;
  const later = all.filter((one) => one.original_id === paid.id);
  const tips = later.filter((one) => one.kind === 'tip' && one.outcome === 'approved');
  const back = later.filter((one) => one.kind !== 'tip' && GIVEN.has(one.outcome));
  return back.reduce((left, one) => left - one.amount, tips.reduce((sum, one) => sum + one.amount, paid.amount));
}

/** Whether a tip may be added to it still, as far as can be seen. */
const tippable = (paid, all) =>
  paid.kind === 'sale' && paid.outcome === 'approved' && paid.tip === 0 && paid.method === 'terminal' &&
  offerOf(paid)?.adds_tips && !all.some((one) => one.original_id === paid.id && GIVEN.has(one.outcome));

/** Where only a void goes by the till: whether nothing was given back yet, so that one is possible. */
const voidable = (paid, all) => {
  const offer = paid.kind === 'sale' && paid.outcome === 'approved' ? offerOf(paid) : undefined;
  return Boolean(offer?.voids && !offer.refunds && !all.some((one) => one.original_id === paid.id && one.kind !== 'tip' && GIVEN.has(one.outcome)));
};

/** The payments of a sale, or nothing where it was all cash. @param {{saleId: string}} props */
export function SalePayments({ saleId }) {
  const [list, setList] = useState(/** @type {import('../types.mjs').Payment[]} */ ([]));
  useOffers();
  const mark = [...payments.value.values()].map((one) => one.id + one.state).join(' ');
  useEffect(() => {
    get(`/v1/payments?sale=${saleId}`)
      .then((answer) => setList(answer.payments.toReversed()))
      .catch(() => {});
  }, [saleId, mark, link.value]);
  if (list.length === 0) return null;
  return html`<section class="card sale-payments"><h3>${t('refund.paid_by')}</h3><ul class="paid">
    ${list.map((one) => html`<${Row} key=${one.id} one=${one} left=${one.kind === 'sale' ? leftOf(one, list) : 0} tip=${tippable(one, list)} whole=${voidable(one, list)} />`)}</ul></section>`;
}

function Row({ one, left, tip, whole }) {
  const open = (name, data) => () => (dialog.value = { name, data });
  const later = one.kind !== 'sale';
  return html`<li><span>${later ? kindWords(one) : cardWords(one)}${(later || one.outcome !== 'approved') && html`<br /><small class="soft">${outcomeWords(one)}</small>`}</span>
    <b>${one.kind === 'tip' ? '+' : later ? '−' : ''}${money(one.amount)}</b>
    ${tip && may('sell') && html`<button type="button" disabled=${link.value === 'away'} onClick=${open('tip', one)}>${t('tip.open')}</button>`}
    ${whole && may('refund') && html`<button type="button" disabled=${link.value === 'away'} onClick=${open('void', { ...one, amount: left })}>${t('void.open')}</button>`}
    ${left > 0 && may('refund') && html`<button type="button" disabled=${link.value === 'away'} onClick=${open('refund', { one, left })}>${t('refund.open')}</button>`}
    ${isGoing(one) && html`<button type="button" class="plain" onClick=${() => watch(one)}>${t('payment.show')}</button>`}</li>`;
}

/** @param {{data: {one: import('../types.mjs').Payment, left: number}}} props */
export function RefundDialog({ data: { one, left } }) {
  useOffers();
  const digits = hub.value.store.minor_digits;
  const [text, setText] = useState(plainText(left, digits, locale.value));
  const [busy, setBusy] = useState(false);
  const offer = offerOf(one);
  const amount = parseFixed(text, digits);
  const fault = amount === null ? t('pay.not_a_sum') : amount > left ? t('charge.too_much', { amount: money(left) }) : '';
  const submit = async (event) => {
    event.preventDefault();
    if (fault || !amount) return;
    setBusy(true);
    await refundPayment(one, amount);
    shut();
  };
  return html`<${Dialog} title=${t('refund.title')}><form class="stack" onSubmit=${submit}>
    <p class="soft">${t('refund.how', { card: cardWords(one), amount: money(left) })}</p>
    ${one.method === 'terminal' && offer?.refunds === false && html`<p>${t('refund.by_hand')}</p>`}
    <${WithCard} needed=${takesCard(one, 'refund')} />
    ${offer?.why_not_text && html`<p class="fault" role="alert">${offer.why_not_text}</p>`}
    <label class="field"><span>${t('refund.amount')}</span><input data-first class="amount-field" inputmode="decimal" autocomplete="off" value=${text}
      aria-invalid=${fault !== ''} aria-describedby="refund-fault" onInput=${(event) => setText(event.target.value)} /></label>
    <p id="refund-fault" class="fault" role="alert">${fault}</p>
    <div class="row"><button type="button" onClick=${shut}>${t('cancel')}</button>
      <button class="danger solid" aria-describedby="with-card" disabled=${busy || fault !== '' || !amount || link.value === 'away'}><${Icon} name="back" />${t('refund.do', { amount: money(amount ?? 0) })}</button></div>
  </form><//>`;
}
