/** Taking the money, then change and receipt. */
import { html, signal, useEffect, useRef, useState } from '../lib.mjs';
import { command, link } from '../api.mjs';
import { explain, pay } from '../baskets.mjs';
import { locale, plural, t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { decimalSign, parseFixed, quickCash } from '../money.mjs';
import { lineName } from '../names.mjs';
import { offerName, offers, useOffers } from '../offers.mjs';
import { Empty, Key, Keypad, typed } from '../parts.mjs';
import { tenderName } from '../payment-words.mjs';
import { basket, go, hub, may, money, quantity, say, sold, tell, working } from '../state.mjs';
import { countOf } from './basket.mjs';
import { Charge } from './charge.mjs';
import { EmailButton } from './email.mjs';
import { Paid } from './paid.mjs';
import { Receipt } from './receipt.mjs';
import { focusOnce } from './signin.mjs';

const CASH = 'cash';
const AMOUNT_LENGTH_MAX = 12;
const SHOWN_MIN_MS = 600;
/** A way of paying, by what tells it from the others. @param {import('../types.mjs').Offer} offer */
const keyOf = (offer) => `${offer.method} ${offer.provider}`;
/** Chosen for the basket in hand; another basket starts with cash. */
const choice = signal({ basket: '', way: CASH });

export function Pay() {
  if (sold.value) return html`<${Done} sale=${sold.value} />`;
  if (!basket.value?.lines.length) {
    return html`<main class="page"><${Empty} icon="basket" title=${t('pay.nothing')} text=${t('basket.empty_hint')}>
      <button type="button" class="primary" onClick=${() => go('sell')}>${t('pay.back')}</button><//></main>`;
  }
  return html`<${Tender} current=${basket.value} />`;
}

function Tender({ current }) {
  useOffers();
  const way = choice.value.basket === current.id ? choice.value.way : CASH;
  const offer = offers.value.find((one) => keyOf(one) === way);
  const manual = hub.value.tenders.find((one) => one === way) ?? CASH;
  const cash = !offer && manual === CASH;
  const due = cash ? current.cash_due : current.due;
  const busy = working.value > 0 || link.value === 'away';
  return html`<main class="page tender">
    <header class="page-head"><button type="button" class="plain" onClick=${() => go('sell')}><${Icon} name="back" />${t('pay.back')}</button>
      <${Ways} current=${current} chosen=${offer ? way : manual} /></header>
    <section class="due card" aria-live="polite">
      <p class="soft">${plural('basket.items', countOf(current))}</p>
      <h1><small>${t('pay.due')}</small>${money(due)}</h1>
      ${cash && current.cash_due !== current.due && html`<p class="soft">${t('pay.rounded', { amount: money(current.due) })}</p>`}
      <${Paid} current=${current} busy=${busy} />
      <ul class="recap">${current.lines.map((line) => html`<li key=${line.id}><span class="soft">${quantity(line.quantity_milli, line.unit)}</span>
        <span>${lineName(line)}</span><b>${money(line.amount)}</b></li>`)}</ul>
    </section>
    <div class="way card">
      ${due <= 0
        ? html`<p class="soft">${t('pay.all_under_way')}</p>`
        : offer
          ? html`<${Charge} key=${way} offer=${offer} due=${due} />`
          : html`<${Cash} key=${manual} type=${manual} due=${due} busy=${busy} />`}
    </div>
  </main>`;
}

/** Cash, card, wallets; one that is not ready says why when it is chosen. */
function Ways({ current, chosen }) {
  const all = [
    ...hub.value.tenders.map((type) => [type, tenderName(type), true]),
    ...offers.value.map((offer) => [keyOf(offer), offerName(offer), offer.ready]),
  ];
  if (all.length < 2) return null;
  const choose = (way) => () => (choice.value = { basket: current.id, way });
  return html`<div class="chips ways" role="group" aria-label=${t('pay.how')}>${all.map(
    ([way, name, ready]) => html`<button type="button" key=${way} class=${ready ? 'chip' : 'chip unready'} data-way=${way}
      aria-pressed=${chosen === way} onClick=${choose(way)}>${name}${!ready && html`<span class="unseen">${t('charge.not_ready')}</span>`}</button>`,
  )}</div>`;
}

function Cash({ type, due, busy }) {
  const { store } = hub.value;
  const [text, setText] = useState('');
  const amount = text === '' ? due : parseFixed(text, store.minor_digits);
  const take = async (given) => {
    if (given === null || given <= 0 || busy) return;
    await pay(type, given);
    setText('');
  };
  const submit = (event) => {
    event.preventDefault();
    take(amount);
  };
  const key = (pressed) => setText((now) => typed(now, pressed).slice(0, AMOUNT_LENGTH_MAX));
  return html`<form class="cash" onSubmit=${submit}>
      <div class="quick" role="group" aria-label=${t('pay.quick')}>
        <button type="button" disabled=${busy} onClick=${() => take(due)}><small>${t('pay.exact')}</small>${money(due)}</button>
        ${type === CASH && quickCash(due, store).map(
          (sum) => html`<button type="button" key=${sum} disabled=${busy} onClick=${() => take(sum)}>${money(sum)}</button>`,
        )}
      </div>
      <label class="field"><span>${type === CASH ? t('pay.handed') : t('pay.amount')}</span>
        <input class="amount-field" inputmode="none" autocomplete="off" value=${text} placeholder=${money(due)} ref=${focusOnce}
          aria-invalid=${amount === null} aria-describedby="pay-fault" onInput=${(event) => setText(event.target.value)} /></label>
      <p id="pay-fault" class="fault" role="alert">${amount === null ? t('pay.not_a_sum') : ''}</p>
      <${Keypad} label=${t('pay.handed')} extra=${store.minor_digits ? decimalSign(locale.value) : '00'} onKey=${key} />
      <button class="primary big" disabled=${busy || !amount}><${Icon} name="check" />
        ${amount !== null && amount < due ? t('pay.part', { amount: money(amount) }) : t('pay.take', { amount: money(amount ?? 0) })}</button>
    </form>`;
}

/** Print the receipt once more: a marked copy. @param {string} saleId */
export async function printAgain(saleId) {
  if (link.value === 'away') {
    tell(t('away.wait'), { tone: 'bad' });
    return;
  }
  try {
    await command('POST', `/v1/sales/${saleId}/receipt/print`, {});
    tell(t('receipt.printing'));
  } catch (error) {
    explain(error);
  }
}

/** Ready for the next customer. */
export function nextSale() {
  sold.value = null;
  go('sell');
}

function Done({ sale }) {
  const first = useRef(/** @type {HTMLElement|null} */ (null));
  const shown_ms = useRef(performance.now());
  /** A second press of the key that paid must not take the change off the screen. */
  const next = () => performance.now() - shown_ms.current > SHOWN_MIN_MS && nextSale();
  useEffect(() => {
    first.current?.focus();
    say(sale.change > 0 ? t('said.change', { amount: money(sale.change) }) : t('said.sold', { amount: money(sale.total) }));
  }, [sale.id]);
  return html`<main class="page done">
    <section class="change card">
      <p class="done-mark"><${Icon} name="check" size=${30} />${t('done.title')}</p>
      ${sale.change > 0
        ? html`<h1><small>${t('done.change')}</small>${money(sale.change)}</h1>`
        : html`<h1><small>${t('done.exact')}</small>${money(sale.total)}</h1>`}
      <p class="soft">${t('done.number', { label: sale.receipt_label, total: money(sale.total) })}</p>
      <div class="row">
        <button type="button" class="primary big" ref=${first} onClick=${next}><${Icon} name="plus" />${t('done.next')}<${Key}>↵<//></button>
        ${may('reprint') && html`<button type="button" class="big" disabled=${link.value === 'away'} onClick=${() => printAgain(sale.id)}>
          <${Icon} name="printer" />${t('receipt.print')}</button>`}
        <${EmailButton} saleId=${sale.id} big />
      </div>
    </section>
    <${Receipt} saleId=${sale.id} />
  </main>`;
}
