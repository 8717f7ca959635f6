/** A tip that the customer wrote on the slip, added to the payment of a sale. */
import { html, useState } from '../lib.mjs';
import { link } from '../api.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { parseFixed } from '../money.mjs';
import { offerOf, useOffers } from '../offers.mjs';
import { Dialog, shut } from '../parts.mjs';
import { cardWords } from '../payment-words.mjs';
import { addTip } from '../payments.mjs';
import { hub, money } from '../state.mjs';

/** @param {{data: import('../types.mjs').Payment}} props */
export function TipDialog({ data }) {
  useOffers();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const offer = offerOf(data);
  const amount = parseFixed(text, hub.value.store.minor_digits);
  const wrong = amount === null ? t('pay.not_a_sum') : amount > data.amount ? t('charge.too_much', { amount: money(data.amount) }) : '';
  const fault = text === '' ? '' : wrong;
  const submit = async (event) => {
    event.preventDefault();
    if (wrong || !amount) return;
    setBusy(true);
    await addTip(data, amount);
    shut();
  };
  return html`<${Dialog} title=${t('tip.title')}><form class="stack" onSubmit=${submit}>
    <p class="soft">${t('tip.how', { card: cardWords(data) })}</p>
    ${offer?.why_not_text && html`<p class="fault" role="alert">${offer.why_not_text}</p>`}
    <label class="field"><span>${t('tip.amount')}</span><input data-first class="amount-field" inputmode="decimal" autocomplete="off" value=${text}
      aria-invalid=${fault !== ''} aria-describedby="tip-fault" onInput=${(event) => setText(event.target.value)} /></label>
    <p id="tip-fault" class="fault" role="alert">${fault}</p>
    <div class="row"><button type="button" onClick=${shut}>${t('cancel')}</button>
      <button class="primary" disabled=${busy || wrong !== '' || !amount || link.value === 'away'}><${Icon} name="plus" />${t('tip.do', { amount: money(amount ?? 0) })}</button></div>
  </form><//>`;
}
