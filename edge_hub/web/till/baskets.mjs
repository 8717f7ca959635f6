/**
 * Changing the basket in hand. Changes go one after another, each naming the version it saw; when another tablet was
 * faster (412) the basket is fetched again and the change is applied to what it is now.
 */
import { Away, command, get, link, unanswered } from './api.mjs';
import { t } from './i18n.mjs';
import { lineName } from './names.mjs';
import { sound } from './sound.mjs';
import { basket, baskets, client, go, money, nameOf, page, payingFor, say, sold, tell, toasts, working } from './state.mjs';
import { recall, remember } from './storage.mjs';

const CONFLICTS_MAX = 4;
const LIVE = new Set(['open', 'parked']);
/** Pages on which somebody is at the till with a customer. */
const AT_TILL = new Set(['sell', 'pay', 'payment']);

let turn = Promise.resolve();
/** What another tablet did to our basket while a command of ours was on its way. */
let heard = null;

/** Run `task` after those before it. */
function inTurn(task) {
  working.value += 1;
  const run = turn.then(task).finally(() => {
    working.value -= 1;
    if (working.value === 0 && heard) {
      const latest = heard;
      heard = null;
      if (latest.id === basket.value?.id) hold(latest);
    }
  });
  turn = run.catch(() => {});
  return run;
}

/** Put it in words for the person. */
export function explain(error) {
  if (error instanceof Away) tell(t('away.wait'), { tone: 'bad' });
  else {
    tell(error.message, { tone: 'bad' });
    sound('bad');
  }
}

/** Take `next` as the basket in hand, unless a newer one is; let go of one that is no longer open. */
export function hold(next) {
  const current = basket.value;
  if (current?.id === next.id && next.version < current.version) return;
  if (next.state === 'open') {
    basket.value = next;
    remember('basket', next);
    return;
  }
  if (current?.id !== next.id) return;
  letGo();
  if (next.state === 'sold') soldMeanwhile(next.id);
  else gone(next.state === 'parked' ? t('basket.parked_elsewhere') : t('basket.abandoned_elsewhere'));
}

/** @param {string} words what became of the basket in hand */
function gone(words) {
  tell(words);
  if (page.value === 'pay') go('sell');
}

/** A card payment that went through completes a sale by itself; or it was paid on another tablet. */
async function soldMeanwhile(id) {
  const { payments } = await get(`/v1/payments?basket=${id}`).catch(() => ({ payments: [] }));
  const sale = payments.find((one) => one.kind === 'sale' && one.sale_id)?.sale_id;
  if (sale) await showSale(sale);
  else if (!sold.value) gone(t('basket.sold_elsewhere'));
}

let lastShown = '';

/** A sale that completed by itself: to whoever is at the till, with its receipt; else in passing. @param {string} id */
export async function showSale(id) {
  if (lastShown === id) return;
  lastShown = id;
  try {
    const sale = await get(`/v1/sales/${id}`);
    sound('good');
    if (AT_TILL.has(page.value) && !basket.value?.lines.length) finish(sale);
    else tell(t('payment.sold', { label: sale.receipt_label, total: money(sale.total) }));
  } catch (error) {
    lastShown = '';
    explain(error);
  }
}

/** No basket in hand; it stays on the hub. What could be undone in it no longer can. */
export function letGo() {
  basket.value = null;
  toasts.value = toasts.value.filter((toast) => !toast.act);
  remember('basket', null);
}

/** The hub says how a basket is now. @param {import('./types.mjs').Basket} next */
export function meet(next) {
  const known = baskets.value.get(next.id);
  if (!known || known.version <= next.version) {
    const map = new Map(baskets.value);
    if (LIVE.has(next.state)) map.set(next.id, next);
    else map.delete(next.id);
    baskets.value = map;
  }
  if (next.id !== basket.value?.id) return;
  if (working.value > 0) heard = next;
  else hold(next);
}

/** All open and parked baskets, as the hub lists them. */
export function meetAll(list) {
  baskets.value = new Map(list.map((one) => [one.id, one]));
}

/**
 * Change the basket in hand (a new one is opened when there is none).
 * @param {(current: import('./types.mjs').Basket) => {method: string, path: string, body?: any}|null} plan
 *   called again with the newer basket after a conflict; null when it no longer applies
 * @param {{opens?: boolean, kept?: boolean}} [how] `kept`: as of `command`
 * @returns {Promise<any>} the hub's answer, or null when the change was not made (the person was told)
 */
export function change(plan, { opens = false, kept = true } = {}) {
  if (link.value === 'away') {
    tell(t('away.wait'), { tone: 'bad' });
    return Promise.resolve(null);
  }
  return inTurn(() => changeNow(plan, opens, kept)).catch((error) => {
    explain(error);
    return null;
  });
}

async function changeNow(plan, opens, kept) {
  for (let tries = 0; tries < CONFLICTS_MAX; tries += 1) {
    if (!basket.value && opens) hold(await command('POST', '/v1/baskets', { till: client.value.till }, { kept: true }));
    const current = basket.value;
    const step = current && plan(current);
    if (!step) {
      tell(t('conflict.gone'));
      return null;
    }
    const path = `/v1/baskets/${current.id}${step.path}`;
    try {
      const answer = await command(step.method, path, step.body, { version: current.version, kept });
      const next = answer?.basket ?? answer;
      if (next?.state === 'open' || answer?.payment) hold(next);
      else letGo();
      if (tries > 0) tell(t('conflict.applied'));
      return answer;
    } catch (error) {
      if (error.status !== 412) throw error;
      hold(await get(`/v1/baskets/${current.id}`));
    }
  }
  tell(t('conflict.busy'), { tone: 'bad' });
  return null;
}

/** Add by bar code, as scanned. @param {string} code */
export async function addScanned(code) {
  const answer = await change(() => ({ method: 'POST', path: '/lines', body: { barcode: code } }), { opens: true });
  if (answer) announceLine(answer);
}

/** @param {import('./types.mjs').Product} product @param {number} milli */
export async function addProduct(product, milli = 1000) {
  const body = { product_id: product.id, quantity_milli: milli };
  const answer = await change(() => ({ method: 'POST', path: '/lines', body }), { opens: true });
  if (answer) say(t('said.added', { name: nameOf(product) }));
}

function announceLine(answer) {
  const line = answer.lines.find((one) => one.id === answer.changed_line);
  if (line) say(t('said.added', { name: lineName(line) }));
  sound('good');
}

/** @param {import('./types.mjs').Line} line @param {object} body quantity_milli, unit_price, discount, reason */
export function changeLine(line, body) {
  return change((now) => {
    if (!now.lines.some((one) => one.id === line.id)) return null;
    return { method: 'PATCH', path: `/lines/${line.id}`, body };
  });
}

/** One more or one less of it, from what it is when the change is made. @param {import('./types.mjs').Line} line */
export function step(line, milli) {
  return change((now) => {
    const found = now.lines.find((one) => one.id === line.id);
    if (!found || found.quantity_milli + milli <= 0) return null;
    return { method: 'PATCH', path: `/lines/${line.id}`, body: { quantity_milli: found.quantity_milli + milli } };
  });
}

/** Take a line out, with a way back. @param {import('./types.mjs').Line} line */
export async function removeLine(line) {
  const answer = await change((now) => {
    if (!now.lines.some((one) => one.id === line.id)) return null;
    return { method: 'DELETE', path: `/lines/${line.id}` };
  });
  if (!answer) return;
  tell(t('line.removed', { name: lineName(line) }), { act: { label: t('line.undo'), run: () => putBack(line) } });
}

async function putBack(line) {
  const what = line.barcode ? { barcode: line.barcode } : { product_id: line.product_id };
  const body = { ...what, quantity_milli: line.quantity_milli };
  const answer = await change(() => ({ method: 'POST', path: '/lines', body }), { opens: true });
  const again = answer?.lines.find((one) => one.id === answer.changed_line);
  if (!again) return;
  if (line.unit_price !== again.unit_price) {
    await changeLine(again, { unit_price: line.unit_price, reason: line.override_reason ?? '' });
  }
  if (line.discount) await changeLine(again, { discount: bare(line.discount), reason: line.discount.reason ?? '' });
}

/** A discount as a command names it. @param {import('./types.mjs').Discount} discount */
export function bare(discount) {
  return discount.basis_points != null ? { basis_points: discount.basis_points } : { amount: discount.amount };
}

/** @param {import('./types.mjs').Discount|null} discount for the whole basket; null takes it off */
export function discountBasket(discount) {
  if (!discount) return change(() => ({ method: 'DELETE', path: '/discount' }));
  const body = { ...bare(discount), reason: discount.reason };
  return change(() => ({ method: 'PUT', path: '/discount', body }));
}

/** Set it aside under a word. @param {string} label */
export async function park(label) {
  return (await change(() => ({ method: 'POST', path: '/park', body: { label } }))) !== null;
}

/** Take up a basket that is parked, or open on another tablet; one that is being paid stays open on the hub. @param {import('./types.mjs').Basket} other */
export async function takeUp(other) {
  if (basket.value?.lines.length && payingFor(basket.value.id).length === 0 && !(await park(''))) return;
  letGo();
  if (other.state === 'open') {
    hold(other);
    return;
  }
  const body = { till: client.value.till };
  await inTurn(async () => {
    const path = `/v1/baskets/${other.id}`;
    const fresh = await get(path);
    hold(await command('POST', `${path}/resume`, body, { version: fresh.version, kept: true }));
  }).catch(explain);
}

/** @param {string} reason */
export function abandon(reason) {
  return change(() => ({ method: 'POST', path: '/abandon', body: { reason } }));
}

/** @param {string} type @param {number} amount minor units @returns {Promise<boolean>} is the sale complete? */
export async function pay(type, amount) {
  const answer = await change(() => ({ method: 'POST', path: '/tenders', body: { type, amount } }));
  if (!answer?.sale) return false;
  finish(answer.sale);
  return true;
}

/** @param {number} index of the tender */
export const takeBack = (index) => change(() => ({ method: 'DELETE', path: `/tenders/${index}` }));

function finish(sale) {
  letGo();
  sold.value = sale;
  go('pay');
}

/** After a reload: show the basket as last seen, finish what was cut off, then fetch the basket again. */
export async function recover() {
  basket.value ??= recall('basket');
  const cut = unanswered();
  if (cut) {
    await inTurn(() => command(cut.method, cut.path, cut.body, { version: cut.version, key: cut.key, kept: true }))
      .then((answer) => {
        if (answer?.sale) finish(answer.sale);
        else if (answer?.state === 'open') hold(answer);
      })
      .catch((error) => tell(t('recover.refused', { why: error.message }), { tone: 'bad' }));
  }
  await refetch();
}

/** The basket in hand, as the hub has it now. */
export async function refetch() {
  const id = basket.value?.id;
  if (!id || working.value > 0) return;
  try {
    const fresh = await get(`/v1/baskets/${id}`);
    if (basket.value?.id === id) hold(fresh);
  } catch (error) {
    if (error.status === 404) letGo();
  }
}
