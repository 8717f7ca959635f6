/** The dialog about one line: quantity, price, discount. */
import { html, useState } from '../lib.mjs';
import { command } from '../api.mjs';
import { bare, changeLine, explain, removeLine } from '../baskets.mjs';
import { locale, t } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { parseFixed, plainText } from '../money.mjs';
import { lineName } from '../names.mjs';
import { Dialog, shut } from '../parts.mjs';
import { basket, devices, hub, may, money, tell } from '../state.mjs';
import { DiscountFields, discountFrom, reasonHelp } from './discount.mjs';

const MILLI_DIGITS = 3;

/** The label printer to use: the first that is ready, else the first, which prints when it is. */
function labelPrinter() {
  const found = [...devices.value.values()].filter((one) => one.roles.includes('label_printer'));
  return found.find((one) => one.state === 'ready') ?? found[0];
}

/** A label of the line's product, at the price in the catalogue. */
async function printLabel(line, printer) {
  try {
    await command('POST', `/v1/products/${line.product_id}/label`, { device: printer.id });
    tell(t('line.label_ordered', { printer: printer.label || printer.id }));
  } catch (error) {
    explain(error);
  }
}

/** Everything about one line. @param {{data: string}} props the line's id */
export function LineDialog({ data: id }) {
  const line = basket.value?.lines.find((one) => one.id === id);
  if (!line) {
    return html`<${Dialog} title=${t('line.title')}><p>${t('conflict.gone')}</p>
      <button type="button" class="primary" data-first onClick=${shut}>${t('close')}</button><//>`;
  }
  return html`<${Dialog} title=${lineName(line)}><${LineForm} key=${line.id} line=${line} /><//>`;
}

function LineForm({ line }) {
  const digits = hub.value.store.minor_digits;
  const weighed = line.unit === 'kilogram';
  const milliShown = weighed ? plainText(line.quantity_milli, MILLI_DIGITS, locale.value) : String(Math.floor(line.quantity_milli / 1000));
  const [count, setCount] = useState(milliShown);
  const [price, setPrice] = useState(plainText(line.unit_price, digits, locale.value));
  const [discount, setDiscount] = useState(discountFrom(line.discount));
  const [reason, setReason] = useState(line.override_reason ?? line.discount?.reason ?? '');
  const milli = weighed ? parseFixed(count, MILLI_DIGITS) : wholePieces(count);
  const unitPrice = parseFixed(price, digits);
  const priceChanged = unitPrice !== line.unit_price;
  const discountChanged = !same(discount.value, line.discount);
  const bad = !milli || unitPrice === null || discount.fault;

  const submit = async (event) => {
    event.preventDefault();
    if (bad) return;
    const body = {};
    if (milli !== line.quantity_milli) body.quantity_milli = milli;
    if (priceChanged) body.unit_price = unitPrice;
    if (discountChanged) body.discount = discount.value && bare(discount.value);
    if (priceChanged || discountChanged) body.reason = reason.trim();
    shut();
    if (Object.keys(body).length > 0) await changeLine(line, body);
  };
  const remove = () => {
    shut();
    removeLine(line);
  };
  const printer = labelPrinter();
  return html`<form class="stack" onSubmit=${submit}>
    <label class="field"><span>${weighed ? t('weigh.weight') : t('line.quantity')}</span>
      <input data-first inputmode="decimal" autocomplete="off" value=${count} aria-invalid=${!milli} onInput=${(event) => setCount(event.target.value)} /></label>
    ${may('override_price') && html`<label class="field"><span>${t('line.price', { price: money(line.list_price) })}</span>
      <input inputmode="decimal" autocomplete="off" value=${price} aria-invalid=${unitPrice === null} onInput=${(event) => setPrice(event.target.value)} /></label>`}
    ${may('discount') && html`<${DiscountFields} state=${discount} change=${setDiscount} />`}
    ${(priceChanged || (discountChanged && discount.value)) && html`<label class="field"><span>${t('reason')}</span>
      <input required maxlength="200" value=${reason} placeholder=${reasonHelp()} onInput=${(event) => setReason(event.target.value)} /></label>`}
    <div class="row">
      <button type="button" class="danger" onClick=${remove}><${Icon} name="trash" />${t('line.take_out')}</button>
      ${printer && html`<button type="button" onClick=${() => printLabel(line, printer)}><${Icon} name="printer" />${t('line.label')}</button>`}
      <button class="primary" disabled=${Boolean(bad)}>${t('save')}</button>
    </div>
  </form>`;
}

/** "3" is 3000 thousandths; null for parts of a piece. */
function wholePieces(text) {
  const pieces = parseFixed(text, 0);
  return pieces === null ? null : pieces * 1000;
}

function same(one, other) {
  return (one?.basis_points ?? null) === (other?.basis_points ?? null) && (one?.amount ?? null) === (other?.amount ?? null);
}
