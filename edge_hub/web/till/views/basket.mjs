/** The basket in hand: its lines, sums, and what can be done with it. */
import { html, useEffect, useRef } from '../lib.mjs';
import { link } from '../api.mjs';
import { discountBasket, removeLine, step } from '../baskets.mjs';
import { locale, plural, t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { formatPercent } from '../money.mjs';
import { lineName } from '../names.mjs';
import { Empty, Key } from '../parts.mjs';
import { watch } from '../payments.mjs';
import { basket, baskets, dialog, go, hub, may, money, payingFor, quantity, touched, working } from '../state.mjs';
import { SendButton } from './send.mjs';

/** Pieces and weighed lines, as a customer would count them. */
export const countOf = (one) =>
  one.lines.reduce((sum, line) => sum + (line.unit === 'kilogram' ? 1 : Math.floor(line.quantity_milli / 1000)), 0);

/** "10 %" or an amount. @param {import('../types.mjs').Discount} discount */
export const discountText = (discount) =>
  discount.basis_points != null ? `${formatPercent(discount.basis_points, locale.value)} %` : money(discount.amount ?? 0);

/** Parked baskets, and open ones of other tablets, that could be taken up. */
export const others = () =>
  [...baskets.value.values()].filter((one) => one.id !== basket.value?.id && one.lines.length > 0);

export function Basket() {
  const current = basket.value;
  const empty = !current || current.lines.length === 0;
  return html`<section class="basket" aria-label=${t('basket.title')}>
    <header class="basket-head">
      <h2>${t('basket.title')}</h2>
      <span class="soft">${empty ? '' : plural('basket.items', countOf(current))}</span>
      <${BasketMenu} empty=${empty} />
    </header>
    ${empty ? html`<${Empty} icon="scan" title=${t('basket.empty')} text=${t('basket.empty_hint')} />` : html`<${Lines} current=${current} />`}
    ${!empty && html`<${Sums} current=${current} />`}
  </section>`;
}

function BasketMenu({ empty }) {
  const waiting = others().filter((one) => one.state === 'parked').length;
  const away = link.value === 'away';
  const open = (name) => () => (dialog.value = { name });
  return html`<div class="basket-menu" role="toolbar" aria-label=${t('basket.actions')}>
    <button type="button" class="plain" onClick=${open('parked')} aria-keyshortcuts="F7">
      <${Icon} name="parked" /><span>${t('parked.open')}</span>${waiting > 0 && html`<b class="badge">${waiting}</b>`}
    </button>
    ${!empty && html`<button type="button" class="plain" disabled=${away} onClick=${open('park')} aria-keyshortcuts="F4">
      <${Icon} name="park" /><span>${t('park.do')}</span></button>`}
    ${!empty && html`<${SendButton} />`}
    ${!empty && may('discount') && html`<button type="button" class="plain square" disabled=${away} onClick=${open('discount')}
      aria-label=${t('discount.basket')} title=${t('discount.basket')}><${Icon} name="discount" /></button>`}
    ${!empty && may('abandon_basket') && html`<button type="button" class="plain square" disabled=${away} onClick=${open('abandon')}
      aria-label=${t('abandon.do')} title=${t('abandon.do')}><${Icon} name="trash" /></button>`}
  </div>`;
}

function Lines({ current }) {
  const list = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => {
    list.current?.querySelector('.touched')?.scrollIntoView({ block: 'nearest' });
  }, [touched.value, current.version]);
  return html`<ol class="lines" ref=${list} onKeyDown=${walk}>
    ${current.lines.map((line) => html`<${Line} key=${line.id} line=${line} version=${current.version} />`)}
  </ol>`;
}

/** Up and down between lines. @param {KeyboardEvent} event */
function walk(event) {
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const names = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('.line-name'))];
  const at = names.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (at < 0 || !by) return;
  event.preventDefault();
  names[at + by]?.focus();
}

function Line({ line }) {
  const away = link.value === 'away';
  const weighed = line.unit === 'kilogram';
  const name = lineName(line);
  const edit = () => (dialog.value = { name: 'line', data: line.id });
  const less = () => (line.quantity_milli > 1000 ? step(line, -1000) : removeLine(line));
  const keys = (event) => {
    if (event.key === 'Delete') removeLine(line);
    else if (event.key === '+' && !weighed) step(line, 1000);
    else if (event.key === '-' && !weighed) less();
    else return;
    event.preventDefault();
  };
  return html`<li class=${touched.value === line.id ? 'line touched' : 'line'}>
    <button type="button" class="line-name" disabled=${away} onClick=${edit} onKeyDown=${keys}
      aria-label=${t('line.edit', { name, quantity: quantity(line.quantity_milli, line.unit), amount: money(line.amount) })}>
      <span>${name}</span><${LinePrice} line=${line} />
    </button>
    ${weighed
      ? html`<span class="weight">${quantity(line.quantity_milli, line.unit)}</span>`
      : html`<span class="stepper">
          <button type="button" disabled=${away} onClick=${less}
            aria-label=${line.quantity_milli > 1000 ? t('line.less', { name }) : t('line.remove', { name })}>
            <${Icon} name=${line.quantity_milli > 1000 ? 'minus' : 'trash'} size=${18} /></button>
          <span class="count" aria-hidden="true">${quantity(line.quantity_milli, line.unit)}</span>
          <button type="button" disabled=${away} onClick=${() => step(line, 1000)} aria-label=${t('line.more', { name })}>
            <${Icon} name="plus" size=${18} /></button>
        </span>`}
    <span class="line-amount">${money(line.amount)}</span>
  </li>`;
}

function LinePrice({ line }) {
  const changed = line.unit_price !== line.list_price;
  return html`<small>
    ${changed && html`<s>${money(line.list_price)}</s> `}${money(line.unit_price)}${line.unit === 'kilogram' && t('products.per_kg')}
    ${line.discount && html` <em class="off">− ${discountText(line.discount)}</em>`}
  </small>`;
}

function Sums({ current }) {
  const { store } = hub.value;
  return html`<footer class="sums">
    ${current.warnings.map((one) => html`<p class="warning" key=${one.product_id}><${Icon} name="alert" size=${18} />
      ${t('basket.low', { name: lineName(one), quantity: quantity(one.on_hand_milli, 'piece') })}</p>`)}
    <dl>
      ${current.discount && html`<div><dt>${t('basket.subtotal')}</dt><dd>${money(current.subtotal)}</dd></div>
        <div class="off"><dt>${t('basket.discount', { how: discountText(current.discount) })}
          <button type="button" class="plain tiny" disabled=${link.value === 'away'} onClick=${() => discountBasket(null)}>${t('discount.remove')}</button>
        </dt><dd>−${money(current.discount_amount)}</dd></div>`}
      ${current.taxes.map((tax) => html`<div class="soft" key=${tax.code}>
        <dt>${store.prices_include_tax ? t('basket.tax_in', { name: tax.name }) : tax.name}</dt><dd>${money(tax.tax)}</dd></div>`)}
      ${current.tenders.map((tender, index) => html`<div key=${index}><dt>${t('basket.paid')}</dt><dd>−${money(tender.amount)}</dd></div>`)}
      ${payingFor(current.id).map((one) => html`<div key=${one.id}><dt>${t('basket.being_paid')}</dt><dd>−${money(one.amount)}</dd></div>`)}
    </dl>
    <${PayBar} current=${current} />
  </footer>`;
}

/** The sum and the way to the money; at the bottom of a narrow screen always. */
function PayBar({ current }) {
  const [going] = payingFor(current.id);
  const open = () => (going && current.due <= 0 ? watch(going) : go('pay'));
  return html`<div class="paybar">
    <p class="total"><span>${t('basket.total')}</span><strong>${money(current.due)}</strong></p>
    <button type="button" class="primary pay" disabled=${link.value === 'away'} aria-busy=${working.value > 0} aria-keyshortcuts="F8"
      onClick=${open}><${Icon} name="cash" /><span>${t('pay.open')}</span><${Key}>F8<//></button>
  </div>`;
}
