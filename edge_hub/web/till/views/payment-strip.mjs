/** A payment of this till that goes on while the screen shows something else: a small strip that leads back to it. */
import { html } from '../lib.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { kindWords, outcomeWords, tenderName } from '../payment-words.mjs';
import { goingHere, watch } from '../payments.mjs';
import { money, page, watched } from '../state.mjs';

export function PaymentStrip() {
  const list = goingHere().filter((one) => page.value !== 'payment' || one.id !== watched.value);
  if (list.length === 0) return null;
  return html`<div class="going" role="group" aria-label=${t('payment.going')}>${list.map(
    (one) => html`<button type="button" key=${one.id} class=${one.outcome === 'unknown' ? 'unsure' : ''} onClick=${() => watch(one)}>
      <${Icon} name=${one.outcome === 'unknown' ? 'wait' : 'card'} /><span>${one.kind === 'sale' ? tenderName(one.tender) : kindWords(one)} ${t('payment.says', { amount: money(one.amount), text: outcomeWords(one) })}</span>
      <u>${t('payment.show')}</u></button>`,
  )}</div>`;
}
