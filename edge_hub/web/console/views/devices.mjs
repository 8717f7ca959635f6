/** Every device with its live state; the chosen one with what it does, what is wrong, and how to try it. */
import { html } from '../../till/lib.mjs';
import { plural, t, when } from '../../till/i18n.mjs';
import { Icon } from '../../till/icons.mjs';
import { offers, useOffers } from '../../till/offers.mjs';
import { Empty } from '../../till/parts.mjs';
import { unresolved } from '../../till/payments.mjs';
import { client, devices, dialog, go, hub } from '../../till/state.mjs';
import { inWords } from '../../till/views/devices.mjs';
import { chosen, filter, has, loadLedger } from '../data.mjs';
import { advice, roleName } from '../words.mjs';
import { Simulated } from './simulator.mjs';
import { Tests } from './tests.mjs';

const ADD = 'POST /v1/devices';
const FIND = 'POST /v1/devices/found';
const CHANGE = 'PATCH /v1/devices/{device_id}';
const REMOVE = 'DELETE /v1/devices/{device_id}';

/** Wallets, as if they were devices: their state is what a till would meet. */
const wallets = () =>
  offers.value
    .filter((one) => one.method === 'wallet')
    .map((one) => ({ id: one.provider, label: one.label, roles: ['wallet'], ready: one.ready, why: one.why_not_text }));

export function Devices() {
  useOffers();
  const list = [...devices.value.values()];
  const wallet = wallets().find((one) => one.id === chosen.value);
  const wide = matchMedia('(min-width: 47rem)').matches;
  const device = wallet ? undefined : (devices.value.get(chosen.value) ?? (wide ? (list.find((one) => inWords(one).tone === 'bad') ?? list[0]) : undefined));
  return html`<main class=${wallet || devices.value.get(chosen.value) ? 'page history chosen' : 'page history'}>
    <section class="card sales"><h1 class="as-h2">${t('devices.title')}</h1>
      ${unresolved().length > 0 && html`<a class="help bad" href="/till/#/payments"><${Icon} name="card" />${plural('console.payments', unresolved().length)}</a>`}
      ${list.length === 0 && html`<${Empty} icon="printer" title=${t('devices.none')} text=${t('console.devices.none_hint')} />`}
      <ul class="picks">${list.map((one) => html`<${Row} key=${one.id} device=${one} on=${one.id === device?.id} />`)}
        ${wallets().map((one) => html`<${WalletRow} key=${one.id} one=${one} on=${one.id === wallet?.id} />`)}</ul>
      ${(has(ADD) || has(FIND)) && html`<div class="row">
        ${has(FIND) && html`<button type="button" onClick=${() => (dialog.value = { name: 'found' })}><${Icon} name="search" />${t('console.find')}</button>`}
        ${has(ADD) && html`<button type="button" onClick=${() => (dialog.value = { name: 'edit' })}><${Icon} name="plus" />${t('console.add')}</button>`}</div>`}
    </section>
    ${device && html`<${Detail} key=${device.id} device=${device} />`}
    ${wallet && html`<${WalletDetail} key=${wallet.id} one=${wallet} />`}
  </main>`;
}

function Row({ device, on }) {
  const said = inWords(device);
  return html`<li><button type="button" class="pick lit" data-device=${device.id} aria-pressed=${on} onClick=${() => (chosen.value = device.id)}>
    <span class=${`device-icon ${said.tone}`}><${Icon} name=${said.icon} /></span>
    <span class="pick-name">${device.label || device.id}</span>
    <small class=${`condition ${said.tone}`}>${said.text}</small></button></li>`;
}

const conditionOf = (one) => (one.ready ? ['good', t('device.ready')] : ['bad', one.why]);

function WalletRow({ one, on }) {
  const [tone, words] = conditionOf(one);
  return html`<li><button type="button" class="pick lit" data-device=${one.id} aria-pressed=${on} onClick=${() => (chosen.value = one.id)}>
    <span class=${`device-icon ${tone}`}><${Icon} name="phone" /></span><span class="pick-name">${one.label}</span>
    <small class=${`condition ${tone}`}>${words}</small></button></li>`;
}

function WalletDetail({ one }) {
  const [tone, words] = conditionOf(one);
  return html`<section class="sale-detail">
    <div class="narrow-only"><button type="button" class="plain" onClick=${() => (chosen.value = '')}><${Icon} name="back" />${t('console.all_devices')}</button></div>
    <div class="card stack" aria-live="polite"><div class="device-head"><span class=${`device-icon ${tone}`}><${Icon} name="phone" /></span>
      <div><h2>${one.label}</h2><p class=${`condition ${tone}`}><b>${words}</b> · ${t('console.wallet')}</p></div></div></div>
    ${hub.value.demo && html`<${Simulated} device=${one} />`}
  </section>`;
}

function Detail({ device }) {
  const said = inWords(device);
  const help = advice(device);
  const showJobs = () => {
    filter.value = { device: device.id, state: '' };
    loadLedger();
    go('jobs');
  };
  return html`<section class="sale-detail">
    <div class="narrow-only"><button type="button" class="plain" onClick=${() => (chosen.value = '')}><${Icon} name="back" />${t('console.all_devices')}</button></div>
    <div class="card stack" aria-live="polite">
      <div class="device-head"><span class=${`device-icon ${said.tone}`}><${Icon} name=${said.icon} /></span>
        <div><h2>${device.label || device.id}</h2><p class=${`condition ${said.tone}`}><b>${said.text}</b>
          · ${t('console.since', { time: when(device.since_ms, hub.value.store.timezone) })}</p></div></div>
      ${help && html`<p class=${`help ${said.tone}`}><${Icon} name="help" />${help}</p>`}
      ${device.error_text && html`<p class="soft code-text">${device.error_text} ${device.error_code && html`<code>${device.error_code}</code>`}</p>`}
      <${Facts} device=${device} />
      <div class="row"><button type="button" onClick=${showJobs}><${Icon} name="history" />${t('console.its_jobs')}</button>
        ${has(CHANGE) && html`<button type="button" onClick=${() => (dialog.value = { name: 'edit', data: device })}><${Icon} name="settings" />${t('console.change')}</button>`}
        ${has(REMOVE) && html`<button type="button" class="danger" onClick=${() => (dialog.value = { name: 'remove', data: device })}><${Icon} name="trash" />${t('console.remove')}</button>`}</div>
    </div>
    <${Tests} device=${device} />
    ${device.simulated && html`<${Simulated} device=${device} />`}
  </section>`;
}

function Facts({ device }) {
  const holder = device.claimed_by === client.value?.client_id ? t('settings.tablet') : device.claimed_by;
  const facts = [
    [t('console.fact.id'), device.id],
    [t('console.fact.driver'), device.driver],
    [t('console.fact.address'), device.url],
    [t('console.fact.does'), [...new Set(device.roles.map(roleName))].join(' · ')],
    [t('console.fact.held_by'), holder],
  ];
  return html`<dl class="facts tight">${facts
    .filter(([, value]) => value)
    .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
