/** The end of a terminal's day: settle, and its figures beside the journal's. */
import { html, useEffect, useState } from '../lib.mjs';
import { command, get, link } from '../api.mjs';
import { explain } from '../baskets.mjs';
import { listeners } from '../events.mjs';
import { t, when } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { offers, terminals, useOffers } from '../offers.mjs';
import { Empty } from '../parts.mjs';
import { devices, hub, money, tell } from '../state.mjs';

const SHOWN = 10;
const STATES = {
  open: () => ['calm', t('settle.open')],
  agreed: () => ['good', t('settle.agreed')],
  different: () => ['bad', t('settle.different')],
  unchecked: () => ['warn', t('settle.unchecked')],
  refused: () => ['bad', t('settle.refused')],
  unknown: () => ['warn', t('settle.unknown')],
};
const COUNTS = new Set(['count', 'sales_count', 'refunds_count']);
const FIGURES = [
  ['sales_count', () => t('settle.sales_count')],
  ['sales_amount', () => t('settle.sales_amount')],
  ['tips_amount', () => t('settle.tips_amount')],
  ['refunds_count', () => t('settle.refunds_count')],
  ['refunds_amount', () => t('settle.refunds_amount')],
  ['count', () => t('settle.count')],
  ['amount', () => t('settle.amount')],
];
const NOT_SAID = '–';

/** All settlements lately, newest first, kept up with the hub's events. */
function useSettlements() {
  const [list, setList] = useState(/** @type {import('../types.mjs').Settlement[]} */ ([]));
  const note = (one) => setList((now) => [one, ...now.filter((other) => other.id !== one.id)].sort((a, b) => b.opened_ms - a.opened_ms));
  useEffect(() => {
    const load = () =>
      get(`/v1/settlements?limit=${SHOWN}`)
        .then((answer) => setList(answer.settlements))
        .catch(() => {});
    const listen = (message) => {
      if (message.type === 'settlement') note(message.settlement);
      if (message.type === 'hello' || message.type === 'resync') load();
    };
    load();
    listeners.add(listen);
    return () => listeners.delete(listen);
  }, []);
  return [list, note];
}

export function Settlements() {
  useOffers();
  const [list, note] = useSettlements();
  const known = terminals();
  const [chosen, setChosen] = useState('');
  const [open, setOpen] = useState('');
  const [busy, setBusy] = useState(false);
  const own = offers.value.find((one) => one.settles)?.provider;
  const terminal = chosen || own || (known[0]?.id ?? '');
  const going = list.some((one) => one.terminal === terminal && one.state === 'open');
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const begun = await command('POST', '/v1/settlements', { terminal });
      note(begun);
      setOpen(begun.id);
    } catch (error) {
      explain(error);
    }
    setBusy(false);
  };
  const shown = list.find((one) => one.id === open) ?? list[0];
  return html`<section class="card settlements"><h2>${t('settle.title')}</h2>
    ${known.length === 0
      ? html`<${Empty} icon="card" title=${t('settle.no_terminals')} />`
      : html`<form class="stack" onSubmit=${submit}><p class="soft">${t('settle.how')}</p>
          ${known.length > 1 && html`<label class="field"><span>${t('settle.which')}</span><select value=${terminal} onChange=${(event) => setChosen(event.target.value)}>
            ${known.map((one) => html`<option key=${one.id} value=${one.id}>${one.label || one.id}</option>`)}</select></label>`}
          <button class="primary big" disabled=${busy || going || link.value === 'away'}><${Icon} name="check" />${going ? t('settle.open') : t('settle.do')}</button></form>`}
    ${shown && html`<${Report} key=${shown.id} one=${shown} />`}
    ${list.length > 1 && html`<h3>${t('settle.earlier')}</h3><ul class="picks">${list.filter((one) => one.id !== shown.id).map((one) => html`<li key=${one.id}>
      <button type="button" class="pick" onClick=${() => setOpen(one.id)}><span class="pick-name">${labelOf(one)}</span><strong>${STATES[one.state]()[1]}</strong>
        <small>${when(one.opened_ms, hub.value.store.timezone)}</small></button></li>`)}</ul>`}
  </section>`;
}

const labelOf = (one) => devices.value.get(one.terminal)?.label || one.terminal;
const figure = (name, value) => (value == null ? NOT_SAID : COUNTS.has(name) ? String(value) : money(value));

function Report({ one }) {
  const [tone, words] = STATES[one.state]();
  const apart = new Set(one.differences.map((difference) => difference.what));
  const rows = FIGURES.filter(([name]) => one.terminal_totals?.[name] != null || one.journal_totals?.[name] != null);
  const print = async () => {
    try {
      await command('POST', `/v1/settlements/${one.id}/print`, {});
      tell(t('receipt.printing'));
    } catch (error) {
      explain(error);
    }
  };
  return html`<article class="report" data-state=${one.state}>
    <h3>${labelOf(one)} · ${when(one.closed_ms ?? one.opened_ms, hub.value.store.timezone)}</h3>
    <p role="status" class=${`condition ${tone}`}><b>${words}</b></p>
    ${one.detail && html`<p class="soft own">${one.detail}</p>`}
    ${one.journal_totals && html`<table><thead><tr><td></td><th scope="col">${t('settle.terminal')}</th><th scope="col">${t('settle.journal')}</th></tr></thead>
      <tbody>${rows.map(([name, label]) => html`<tr key=${name} class=${apart.has(name) ? 'apart' : ''}><th scope="row">${label()}</th>
        <td>${figure(name, one.terminal_totals?.[name])}</td><td>${figure(name, one.journal_totals[name])}</td></tr>`)}</tbody></table>`}
    <${LookInto} one=${one} />
    ${one.state !== 'open' && html`<div class="row"><button type="button" disabled=${link.value === 'away'} onClick=${print}><${Icon} name="printer" />${t('settle.print')}</button></div>`}
  </article>`;
}

/** Payments that may explain a difference. */
function LookInto({ one }) {
  const [found, setFound] = useState(/** @type {import('../types.mjs').Payment[]} */ ([]));
  const ids = one.differences.map((difference) => difference.payment_id).filter(Boolean);
  useEffect(() => {
    Promise.all(ids.map((id) => get(`/v1/payments/${id}`)))
      .then(setFound)
      .catch(() => {});
  }, [ids.join(' ')]);
  if (found.length === 0) return null;
  return html`<h4>${t('settle.look_into')}</h4><ul class="paid">${found.map((payment) => html`<li key=${payment.id}>
    <span><code>${payment.reference}</code><br /><small class="soft">${when(payment.opened_ms, hub.value.store.timezone)}</small></span><b>${money(payment.amount)}</b></li>`)}</ul>`;
}
