/** Printer, drawer, scanner in plain words; and print jobs whose outcome only a person can tell. */
import { html } from '../lib.mjs';
import { command, link } from '../api.mjs';
import { explain } from '../baskets.mjs';
import { noteJob } from '../events.mjs';
import { t, when } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { Empty } from '../parts.mjs';
import { devices, dialog, go, hub, jobs, may, tell } from '../state.mjs';
import { drawers } from './hub-dialogs.mjs';

const STATES = {
  connecting: () => ['warn', t('device.connecting')],
  offline: () => ['bad', t('device.offline')],
  fault: () => ['bad', t('device.fault')],
  disabled: () => ['quiet', t('device.disabled')],
};
/** What is wrong with a printer, worst first. */
const PRINTER = [
  [(status) => status.online === false && !status.cover_open && !status.paper_end, 'bad', () => t('device.offline')],
  [(status) => status.cover_open, 'bad', () => t('device.cover_open')],
  [(status) => status.paper_end, 'bad', () => t('device.paper_end')],
  [(status) => status.cutter_error, 'bad', () => t('device.cutter')],
  [(status) => status.unrecoverable, 'bad', () => t('device.service')],
  [(status) => status.paper_near_end, 'warn', () => t('device.paper_low')],
];
const KINDS = [
  ['pos_printer', 'printer', () => t('device.printer')],
  ['label_printer', 'printer', () => t('device.printer')],
  ['cash_drawer', 'drawer', () => t('device.drawer')],
  ['scanner', 'scan', () => t('device.scanner')],
  ['scale', 'scale', () => t('device.scale')],
  ['line_display', 'grid', () => t('device.display')],
  ['eft_terminal', 'card', () => t('device.terminal')],
];

/** @param {import('../types.mjs').Device} device @returns {{kind: string, icon: string, tone: string, text: string}} */
export function inWords(device) {
  const [, icon, kind] = KINDS.find(([role]) => device.roles.includes(role)) ?? ['', 'settings', () => device.label || device.id];
  const [tone, text] = conditionOf(device);
  return { kind: kind(), icon, tone, text };
}

function conditionOf(device) {
  if (device.state !== 'ready') return STATES[device.state]?.() ?? ['warn', device.state];
  const found = device.status && PRINTER.find(([holds]) => holds(device.status));
  if (found) return [found[1], found[2]()];
  if (device.drawer_alarm) return ['bad', t('device.drawer_left_open')];
  return device.drawer === 'open' ? ['warn', t('device.drawer_open')] : ['good', t('device.ready')];
}

/** The strip in the header: only what needs somebody, or one calm word. */
export function DeviceStrip() {
  const kinds = [...devices.value.values()].map((one) => inWords(one).kind);
  /** "Printer"; by its own name where there are two. */
  const called = (one, said) => (kinds.filter((kind) => kind === said.kind).length > 1 && one.label) || said.kind;
  const troubled = [...devices.value.values()].map((one) => [one, inWords(one)]).filter(([, said]) => /bad|warn/.test(said.tone));
  const doubts = jobs.value.size;
  const open = () => go('devices');
  if (devices.value.size === 0) return null;
  return html`<div class="strip" role="status" aria-label=${t('devices.title')}>
    ${doubts > 0 && html`<button type="button" class="lamp bad" onClick=${open}><i /><span>${t('jobs.strip')}</span></button>`}
    ${troubled.map(([one, said]) => html`<button type="button" key=${one.id} class=${`lamp ${said.tone}`} onClick=${open}>
      <i /><span>${t('device.says', { kind: called(one, said), text: said.text })}</span></button>`)}
    ${doubts + troubled.length === 0 && html`<button type="button" class="lamp good" onClick=${open}><i /><span>${t('devices.all_ready')}</span></button>`}
  </div>`;
}

export function Devices() {
  const list = [...devices.value.values()];
  return html`<main class="page columns">
    ${jobs.value.size > 0 && html`<section class="card doubts"><h2><${Icon} name="alert" />${t('jobs.title')}</h2>
      <p>${t('jobs.how')}</p><ul>${[...jobs.value.values()].map((job) => html`<${Doubt} key=${job.id} job=${job} />`)}</ul></section>`}
    <section class="card"><h2>${t('devices.title')}</h2>
      ${list.length === 0 && html`<${Empty} icon="printer" title=${t('devices.none')} />`}
      <ul class="device-list">${list.map((device) => html`<${DeviceRow} key=${device.id} device=${device} />`)}</ul>
      ${may('open_drawer') && drawers().length > 0 && html`<button type="button" onClick=${() => (dialog.value = { name: 'drawer' })}>
        <${Icon} name="drawer" />${t('drawer.title')}</button>`}
    </section>
  </main>`;
}

function DeviceRow({ device }) {
  const said = inWords(device);
  const test = () => order(`/v1/devices/${device.id}/test`, {}, t('receipt.printing'));
  return html`<li class="device"><span class=${`device-icon ${said.tone}`}><${Icon} name=${said.icon} /></span>
    <div><b>${device.label || device.id}</b><p class=${`condition ${said.tone}`}>${t('device.says', { kind: said.kind, text: said.text })}</p>
      ${device.state !== 'ready' && device.error_text && html`<p class="soft">${device.error_text}</p>`}</div>
    ${may('manage_devices') && device.roles.includes('pos_printer') && html`<button type="button" class="plain" disabled=${link.value === 'away'} onClick=${test}>
      ${t('device.test')}</button>`}
  </li>`;
}

/** One page that may or may not have come out. */
function Doubt({ job }) {
  const device = devices.value.get(job.device);
  const settle = (outcome) => async () => {
    const answer = await order(`/v1/jobs/${job.id}/resolve`, { outcome }, t('jobs.settled'));
    if (answer) noteJob({ ...job, ...answer, state: answer.id === job.id ? answer.state : 'done' });
  };
  const off = link.value === 'away';
  return html`<li class="doubt"><p><b>${job.title || t('jobs.page')}</b><br />
      <span class="soft">${device?.label || job.device} · ${when(job.created_ms, hub.value.store.timezone)}</span></p>
    <div class="row"><button type="button" disabled=${off} onClick=${settle('printed')}><${Icon} name="check" />${t('jobs.printed')}</button>
      <button type="button" disabled=${off} onClick=${settle('reprint')}><${Icon} name="printer" />${t('jobs.reprint')}</button>
      <button type="button" class="plain" disabled=${off} onClick=${settle('cancel')}>${t('jobs.cancel')}</button></div></li>`;
}

/** A command of this page; null when it was refused. */
async function order(path, body, done) {
  try {
    const answer = await command('POST', path, body);
    tell(done);
    return answer;
  } catch (error) {
    explain(error);
    return null;
  }
}
