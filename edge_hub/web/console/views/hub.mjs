/** The hub itself: its journal, who may use it, how to reach it, and how to rehearse an outage. */
import { html, useState } from '../../till/lib.mjs';
import { get, link } from '../../till/api.mjs';
import { t, when } from '../../till/i18n.mjs';
import { Icon } from '../../till/icons.mjs';
import { Dialog, Empty, shut } from '../../till/parts.mjs';
import { loadHub, signOut } from '../../till/session.mjs';
import { client, dialog, hub, may, staff } from '../../till/state.mjs';
import { Languages } from '../../till/views/pair.mjs';
import { has, order, usePolling } from '../data.mjs';
import { journalState } from '../words.mjs';
import { Drill } from './drill.mjs';

const CERTIFICATE = 'GET /v1/certificate';
const SHORT = 12;
const PAIRS = /../g;

export function Hub() {
  const [head, setHead] = useState(null);
  const [clients, setClients] = useState(null);
  const look = () => {
    loadHub().catch(() => {});
    get('/v1/journal/head').then(setHead).catch(() => {});
    if (may('pair')) get('/v1/clients').then((answer) => setClients(answer.clients)).catch(() => {});
  };
  usePolling(look, [dialog.value]);
  return html`<main class="page columns"><h1 class="unseen">${t('settings.hub')}</h1>
    <${Journal} head=${head} /><${Facts} />
    ${may('pair') && html`<${Clients} clients=${clients} />`}
    ${has('POST /v1/drills') && html`<${Drill} />`}
    <section class="card"><h2>${staff.value?.name}</h2><${Languages} />
      <div class="row"><button type="button" onClick=${signOut}><${Icon} name="person" />${t('signout.do')}</button>
        <a class="button" href="/till/"><${Icon} name="basket" />${t('console.to_till')}</a></div></section>
  </main>`;
}

function Journal({ head }) {
  const { state, detail } = hub.value.journal;
  const [tone, words] = link.value === 'away' ? ['bad', t('console.hub.away')] : journalState(state);
  return html`<section class="card"><h2>${t('console.journal')}</h2>
    <p role="status" class=${`condition ${tone}`}><b>${words}</b></p>${detail && html`<p class="soft">${detail}</p>`}
    <dl class="facts tight"><div><dt>${t('console.journal.events')}</dt><dd>${head?.seq ?? hub.value.seq}</dd></div>
      <div><dt>${t('console.journal.hash')}</dt><dd><code>${(head?.hash ?? '').slice(0, SHORT)}</code></dd></div>
      <div><dt>${t('console.journal.epoch')}</dt><dd><code>${head?.epoch ?? hub.value.epoch}</code></dd></div></dl></section>`;
}

function Facts() {
  const { id, version, store, demo, certificate_fingerprint: print, time_ms } = hub.value;
  const facts = [
    [t('console.hub.store'), `${store.name} (${store.id})`],
    [t('console.hub.version'), demo ? `${version} · ${t('console.hub.demo')}` : version],
    [t('console.hub.address'), location.origin],
    [t('console.hub.clock'), when(time_ms, store.timezone)],
    [t('console.hub.id'), html`<code>${id}</code>`],
    [t('console.hub.certificate'), print ? html`<code>${print.toUpperCase().match(PAIRS).join(' ')}</code>` : t('console.hub.no_tls')],
  ];
  return html`<section class="card"><h2>${t('settings.hub')}</h2>
    <dl class="facts tight">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    ${has(CERTIFICATE) && html`<a class="button" download href="/v1/certificate">${t('console.hub.download')}</a>`}</section>`;
}

function Clients({ clients }) {
  const tills = new Map(hub.value.tills.map((one) => [one.id, one.name]));
  const zone = hub.value.store.timezone;
  const live = (clients ?? []).filter((one) => !one.revoked_ms);
  return html`<section class="card"><h2>${t('console.clients')}</h2>
    ${clients !== null && live.length === 0 && html`<${Empty} icon="pair" title=${t('console.clients.none')} />`}
    <ul class="ledger">${live.map((one) => html`<li key=${one.id} class="entry"><p class="entry-title"><b>${one.name}</b>
      <span class="soft">${tills.get(one.till) ?? one.till} · ${
        one.id === client.value?.client_id ? t('settings.tablet') : one.last_seen_ms ? t('console.clients.seen', { time: when(one.last_seen_ms, zone) }) : t('console.clients.never')
      }</span></p>
      <button type="button" class="danger" disabled=${link.value === 'away'} onClick=${() => (dialog.value = { name: 'revoke', data: one })}>${t('console.clients.revoke')}</button></li>`)}</ul>
    <button type="button" onClick=${() => (dialog.value = { name: 'pairing' })}><${Icon} name="pair" />${t('offer.do')}</button></section>`;
}

export function RevokeDialog({ data }) {
  const revoke = async () => {
    shut();
    await order('DELETE', `/v1/clients/${data.id}`, undefined, t('console.clients.revoked', { name: data.name }));
  };
  return html`<${Dialog} title=${t('console.clients.ask', { name: data.name })}><p>${t('console.clients.ask_how')}</p>
    <div class="row"><button type="button" data-first onClick=${shut}>${t('cancel')}</button>
      <button type="button" class="danger solid" onClick=${revoke}>${t('console.clients.revoke')}</button></div><//>`;
}
