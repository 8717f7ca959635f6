/** For managers: payments that somebody has to look into, and the terminals' end of day. */
import { html, useEffect, useState } from '../lib.mjs';
import { get, link } from '../api.mjs';
import { t, when } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { Dialog, Empty, shut } from '../parts.mjs';
import { offerOf, useOffers } from '../offers.mjs';
import { cardWords, choiceWords, kindWords, providerName, whyWords } from '../payment-words.mjs';
import { about } from '../payments.mjs';
import { dialog, go, hub, may, money, payments, tell } from '../state.mjs';
import { Resolve } from './by-hand.mjs';
import { Settlements } from './settlement.mjs';

const IN_DOUBT = new Set(['unknown', 'manual']);
const NOTE_LENGTH_MAX = 200;

export function PaymentsPage() {
  useOffers();
  const list = [...payments.value.values()].filter((one) => one.why !== '').sort((one, other) => one.opened_ms - other.opened_ms);
  return html`<main class="page columns">
    <section class="card"><button type="button" class="plain to-payments" onClick=${() => go('history')}><${Icon} name="back" />${t('history.back')}</button>
      <h1 class="as-h2">${t('unresolved.title')}</h1>
      ${list.length === 0
        ? html`<${Empty} icon="check" title=${t('unresolved.none')} text=${t('unresolved.none_hint')} />`
        : html`<ul class="unresolved">${list.map((one) => html`<${Item} key=${one.id} one=${one} />`)}</ul>`}
    </section>
    ${may('settle') && html`<${Settlements} />`}
  </main>`;
}

function Item({ one }) {
  const { store, tills } = hub.value;
  const till = tills.find((known) => known.id === one.till)?.name ?? one.till;
  const off = link.value === 'away';
  const open = (name, extra = {}) => () => (dialog.value = { name, data: { one, ...extra } });
  const doubt = IN_DOUBT.has(one.why);
  const orphan = one.why === 'orphan' && may('refund');
  const offer = offerOf(one);
  return html`<li data-why=${one.why}>
    <p class="unresolved-head"><b>${money(one.amount)}</b><span>${kindWords(one)} · ${cardWords(one)}</span></p>
    <p>${whyWords(one.why)}</p>
    <p class="soft">${when(one.opened_ms, store.timezone)} · ${till} · ${providerName(one)} · <code>${one.reference}</code></p>
    ${one.detail && html`<p class="soft own">${one.detail}</p>`}
    <${Evidence} one=${one} />
    ${may('resolve_payment') && html`<div class="row">
      ${doubt && one.method !== 'standalone' && html`<button type="button" disabled=${off} onClick=${() => ask(one)}>${t('doubt.ask')}</button>`}
      ${doubt && html`<button type="button" disabled=${off} onClick=${open('resolve', { approved: true })}>${choiceWords(one, true)}</button>
        <button type="button" disabled=${off} onClick=${open('resolve', { approved: false })}>${choiceWords(one, false)}</button>`}
      ${orphan && offer?.voids !== false && html`<button type="button" disabled=${off} onClick=${() => (dialog.value = { name: 'void', data: one })}>${t('unresolved.give_back')}</button>`}
      ${orphan && (offer?.refunds !== false || one.method === 'terminal') && html`<button type="button" disabled=${off} onClick=${() => (dialog.value = { name: 'refund', data: { one, left: one.amount } })}>${t('refund.open')}</button>`}
      ${(one.why === 'orphan' || one.why === 'disputed') && html`<button type="button" disabled=${off} onClick=${open('review')}>${t('unresolved.review')}</button>`}
    </div>`}
  </li>`;
}

async function ask(one) {
  if (await about(one, 'ask')) tell(t('unresolved.asked'));
}

/** What a person said, with the photo for those who may see it. */
function Evidence({ one }) {
  const [picture, setPicture] = useState('');
  const sha256 = one.evidence?.photo_sha256 ?? '';
  useEffect(() => {
    if (!sha256) return undefined;
    let address = '';
    get(`/v1/payment-photos/${sha256}`, { accept: 'image/jpeg, image/png' })
      .then((blob) => {
        address = URL.createObjectURL(blob);
        setPicture(address);
      })
      .catch(() => {});
    return () => address && URL.revokeObjectURL(address);
  }, [sha256]);
  if (!one.evidence) return null;
  const said = [one.evidence.slip && t('unresolved.slip', { slip: one.evidence.slip }), one.evidence.note].filter(Boolean).join(' · ');
  return html`${said && html`<p class="soft">${said}</p>`}${picture && html`<img class="evidence" src=${picture} alt=${t('resolve.photo_kept')} />`}`;
}

/** @param {{data: {one: import('../types.mjs').Payment, approved: boolean}}} props */
export function ResolveDialog({ data: { one, approved } }) {
  const settled = payments.value.get(one.id)?.state !== one.state;
  useEffect(() => {
    if (settled) shut();
  }, [settled]);
  return html`<${Dialog} title=${money(one.amount)}><${Resolve} one=${one} approved=${approved} back=${shut} /><//>`;
}

/** @param {{data: {one: import('../types.mjs').Payment}}} props */
export function ReviewDialog({ data: { one } }) {
  const [note, setNote] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    if (await about(one, 'review', { note: note.trim() })) tell(t('resolve.done'));
    shut();
  };
  return html`<${Dialog} title=${t('review.title')}><form class="stack" onSubmit=${submit}>
    <p class="soft">${t('review.how')}</p>
    <label class="field"><span>${t('review.note')}</span><input data-first required maxlength=${NOTE_LENGTH_MAX} value=${note} onInput=${(event) => setNote(event.target.value)} /></label>
    <button class="primary big" disabled=${!note.trim() || link.value === 'away'}><${Icon} name="check" />${t('review.do')}</button>
  </form><//>`;
}
