/** What of the basket in hand is paid already, or just being paid; and the way back. */
import { html, useEffect, useState } from '../lib.mjs';
import { get, link } from '../api.mjs';
import { takeBack } from '../baskets.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { offerOf, useOffers } from '../offers.mjs';
import { Dialog, shut, WithCard } from '../parts.mjs';
import { cardWords, outcomeWords, takesCard, tenderName } from '../payment-words.mjs';
import { voidPayment, watch } from '../payments.mjs';
import { dialog, may, money, payingFor } from '../state.mjs';

/** The payments behind the tenders of a basket, by reference. @param {import('../types.mjs').Basket} current */
function usePayments(current) {
  const [found, setFound] = useState(/** @type {Map<string, import('../types.mjs').Payment>} */ (new Map()));
  const behind = current.tenders.filter((one) => one.reference).length;
  useEffect(() => {
    if (behind === 0) return;
    get(`/v1/payments?basket=${current.id}`)
      .then(({ payments }) => setFound(new Map(payments.map((one) => [one.reference, one]))))
      .catch(() => {});
  }, [current.id, behind, link.value]);
  return found;
}

/** @param {{current: import('../types.mjs').Basket, busy: boolean}} props */
export function Paid({ current, busy }) {
  const found = usePayments(current);
  const going = payingFor(current.id);
  if (current.tenders.length + going.length === 0) return null;
  return html`<ul class="paid">
    ${current.tenders.map((tender, index) => html`<${Row} key=${index} tender=${tender} index=${index} payment=${found.get(tender.reference)} busy=${busy} />`)}
    ${going.map((one) => html`<li key=${one.id}><span>${tenderName(one.tender)}<br /><small class="soft">${outcomeWords(one)}</small></span>
      <b>${money(one.amount)}</b><button type="button" class="plain" onClick=${() => watch(one)}>${t('payment.show')}</button></li>`)}
  </ul>`;
}

function Row({ tender, index, payment, busy }) {
  const undo = () => (dialog.value = { name: 'void', data: payment });
  return html`<li><span>${payment ? cardWords(payment) : tenderName(tender.type)}</span><b>${money(tender.amount)}</b>
    ${!payment && !tender.reference && html`<button type="button" class="plain" disabled=${busy} onClick=${() => takeBack(index)}>${t('pay.take_back')}</button>`}
    ${payment && may('refund') && html`<button type="button" class="plain" disabled=${busy} onClick=${undo}>${t('void.open')}</button>`}
    ${payment && !may('refund') && html`<small class="soft">${t('void.manager')}</small>`}</li>`;
}

/** Undoing a payment whole. @param {{data: import('../types.mjs').Payment}} props */
export function VoidDialog({ data }) {
  useOffers();
  const [busy, setBusy] = useState(false);
  const offer = offerOf(data);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    await voidPayment(data);
    shut();
  };
  return html`<${Dialog} title=${t('void.title')}><form class="stack" onSubmit=${submit}>
    <p>${t('void.how', { amount: money(data.amount), card: cardWords(data) })}</p>
    <${WithCard} needed=${takesCard(data, 'void')} />
    ${offer?.why_not_text && html`<p class="fault" role="alert">${offer.why_not_text}</p>`}
    <div class="row"><button type="button" data-first onClick=${shut}>${t('cancel')}</button>
      <button class="danger solid" aria-describedby="with-card" disabled=${busy || link.value === 'away'}><${Icon} name="back" />${t('void.do', { amount: money(data.amount) })}</button></div>
  </form><//>`;
}
