/** Asking a card terminal or a wallet for the money; a terminal of its own is confirmed afterwards. */
import { html, useEffect, useRef, useState } from '../lib.mjs';
import { link } from '../api.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { parseFixed } from '../money.mjs';
import { offerName } from '../offers.mjs';
import { charge, watch } from '../payments.mjs';
import { sound } from '../sound.mjs';
import { codeTaker, hub, money, payments, say, working } from '../state.mjs';
import { CameraScan } from './camera.mjs';
import { focusOnce } from './signin.mjs';

const AMOUNT_LENGTH_MAX = 12;
const CODE_LENGTH_MAX = 128;
const ICONS = { terminal: 'card', wallet: 'phone', standalone: 'card' };

/** @param {{offer: import('../types.mjs').Offer, due: number}} props */
export function Charge({ offer, due }) {
  const { store } = hub.value;
  const [text, setText] = useState('');
  const [tipText, setTip] = useState('');
  const [code, setCode] = useState('');
  const amount = text === '' ? due : parseFixed(text, store.minor_digits);
  const tip = tipText === '' ? 0 : parseFixed(tipText, store.minor_digits);
  const fault = amount === null || tip === null ? t('pay.not_a_sum') : amount > due ? t('charge.too_much', { amount: money(due) }) : '';
  const cannot = fault !== '' || !amount || !offer.ready || link.value === 'away';
  const off = cannot || working.value > 0;
  const start = (shown) => {
    if (off || (offer.needs_code && !shown)) return false;
    charge({ provider: offer.provider, method: offer.method, amount: amount + tip, tip: tip || undefined, code: shown || undefined });
    return true;
  };
  useScannedCode(offer, start);
  const submit = (event) => {
    event.preventDefault();
    start(code.trim());
  };
  return html`<form class="cash charge-form" onSubmit=${submit}>
    ${!offer.ready && html`<${NotReady} offer=${offer} />`}
    <label class="field"><span>${t('charge.amount')}</span>
      <input class="amount-field" inputmode="decimal" autocomplete="off" maxlength=${AMOUNT_LENGTH_MAX} value=${text} placeholder=${money(due)}
        ref=${offer.needs_code ? undefined : focusOnce} aria-invalid=${fault !== ''} aria-describedby="charge-fault" onInput=${(event) => setText(event.target.value)} /></label>
    ${offer.tips && html`<label class="field"><span>${t('charge.tip')}</span>
      <input inputmode="decimal" autocomplete="off" maxlength=${AMOUNT_LENGTH_MAX} value=${tipText} placeholder=${money(0)}
        aria-invalid=${tip === null} onInput=${(event) => setTip(event.target.value)} /></label>`}
    ${offer.needs_code && html`<label class="field code-field"><span><${Icon} name="scan" />${t('charge.scan')}</span>
      <input inputmode="numeric" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength=${CODE_LENGTH_MAX} value=${code} ref=${focusOnce}
        placeholder=${t('charge.code')} onInput=${(event) => setCode(event.target.value)} /></label>
      <${CameraScan} off=${cannot} />`}
    <p id="charge-fault" class="fault" role="alert">${fault}</p>
    ${offer.method === 'standalone' && html`<p class="soft">${t('charge.standalone_how')}</p>`}
    <button class="primary big" disabled=${off || (offer.needs_code && !code.trim())}><${Icon} name=${ICONS[offer.method]} />
      ${t('charge.do', { amount: money((amount ?? 0) + (tip ?? 0)), name: offerName(offer) })}</button>
  </form>`;
}

/** While a wallet is chosen a scan is the customer's code, and charges at once. */
function useScannedCode(offer, start) {
  const latest = useRef(start);
  latest.current = start;
  useEffect(() => {
    if (!offer.needs_code) return undefined;
    const take = (scanned) => {
      sound(latest.current(scanned) ? 'good' : 'bad');
    };
    codeTaker.value = take;
    return () => {
      if (codeTaker.value === take) codeTaker.value = null;
    };
  }, [offer.provider, offer.needs_code]);
}

/** Why it cannot be used now, with the way to what is in its way. */
function NotReady({ offer }) {
  const inTheWay = [...payments.value.values()].find((one) => one.provider === offer.provider && /pending|unknown/.test(one.outcome));
  useEffect(() => say(offer.why_not_text), [offer.why_not_text]);
  return html`<div class="not-ready"><p><${Icon} name="alert" />${offer.why_not_text}</p>
    ${inTheWay && html`<button type="button" onClick=${() => watch(inTheWay)}>${t('payment.show')}</button>`}</div>`;
}
