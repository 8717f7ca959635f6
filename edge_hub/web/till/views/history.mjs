/** Sales of the last day: find one, look at its receipt, print it again. */
import { html, useEffect, useState } from '../lib.mjs';
import { Away, get, link } from '../api.mjs';
import { explain } from '../baskets.mjs';
import { t, when } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { Empty } from '../parts.mjs';
import { unresolved } from '../payments.mjs';
import { go, hub, may, money } from '../state.mjs';
import { EmailButton } from './email.mjs';
import { printAgain } from './pay.mjs';
import { Receipt } from './receipt.mjs';
import { SalePayments } from './refund.mjs';

const BACK_MS = 24 * 60 * 60 * 1000;
const PAGE_SALES = 200;
const PAGES_MAX = 10;

/** All sales since a day ago, newest first. @returns {Promise<import('../types.mjs').Sale[]>} */
async function lastSales() {
  const sales = [];
  let after = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const parameters = new URLSearchParams({ from_ms: String(Date.now() - BACK_MS), limit: String(PAGE_SALES) });
    if (after !== null) parameters.set('after', String(after));
    const answer = await get(`/v1/sales?${parameters}`);
    sales.push(...answer.sales);
    after = answer.next_after ?? null;
    if (after === null) break;
  }
  return sales.sort((one, other) => other.seq - one.seq);
}

export function History() {
  const [sales, setSales] = useState(/** @type {import('../types.mjs').Sale[]|null} */ (null));
  const [open, setOpen] = useState('');
  const away = link.value === 'away';
  useEffect(() => {
    lastSales()
      .then((list) => {
        setSales(list);
        if (matchMedia('(min-width: 60rem)').matches) setOpen((now) => now || (list[0]?.id ?? ''));
      })
      .catch((error) => error instanceof Away || explain(error));
  }, [away]);
  const chosen = sales?.find((one) => one.id === open);
  return html`<main class=${chosen ? 'page history chosen' : 'page history'}>
    <section class="card sales"><h2>${t('history.title')}</h2>
      ${(may('resolve_payment') || may('settle')) && html`<button type="button" class="to-payments" onClick=${() => go('payments')}><${Icon} name="card" />${t('unresolved.open')}
        ${unresolved().length > 0 && html`<b class="badge">${unresolved().length}</b>`}</button>`}
      ${sales?.length === 0 && html`<${Empty} icon="history" title=${t('history.none')} text=${t('history.none_hint')} />`}
      <ul class="picks">${(sales ?? []).map((sale) => html`<${Row} key=${sale.id} sale=${sale} on=${sale.id === open} pick=${() => setOpen(sale.id)} />`)}</ul>
    </section>
    ${chosen && html`<section class="sale-detail">
      <div class="row"><button type="button" class="plain narrow-only" onClick=${() => setOpen('')}><${Icon} name="back" />${t('history.back')}</button>
        ${may('reprint') && html`<button type="button" disabled=${away} onClick=${() => printAgain(chosen.id)}><${Icon} name="printer" />${t('receipt.reprint')}</button>`}
        <${EmailButton} saleId=${chosen.id} /></div>
      <${SalePayments} key=${`paid ${chosen.id}`} saleId=${chosen.id} />
      <${Receipt} key=${chosen.id} saleId=${chosen.id} /></section>`}
  </main>`;
}

function Row({ sale, on, pick }) {
  const { store, tills } = hub.value;
  const till = tills.find((one) => one.id === sale.till)?.name ?? sale.till;
  return html`<li><button type="button" class="pick" aria-pressed=${on} onClick=${pick}>
    <span class="pick-name">${sale.receipt_label}</span><strong>${money(sale.total)}</strong>
    <small>${when(sale.sold_at_ms, store.timezone)} · ${till}</small></button></li>`;
}
