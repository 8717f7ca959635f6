/** Trying a device, by what it is: a page, the drawer, a text, a scan, a weight. */
import { html, useEffect, useRef, useState } from '../../till/lib.mjs';
import { Away, command, get, link } from '../../till/api.mjs';
import { noteJob } from '../../till/events.mjs';
import { t } from '../../till/i18n.mjs';
import { Icon } from '../../till/icons.mjs';
import { dialog, may } from '../../till/state.mjs';
import { explain, has, ledger, order } from '../data.mjs';
import { jobState } from '../words.mjs';
import { WEIGH, Weigh } from './weigh.mjs';

const TEXT_LENGTH_MAX = 200;
/** What a display of digits can show. */
const AMOUNT = '-?[0-9]{1,12}([.][0-9]{1,6})?';
const AMOUNT_EXAMPLE = '1234.56';
const CLAIM_S = 30;
/** The scanner's code is shown so long before the claim runs out by itself. */
const SCANS_SHOWN_MAX = 5;

export function Tests({ device }) {
  const is = (role) => device.roles.includes(role);
  const parts = [
    (is('pos_printer') || is('label_printer')) && html`<${TestPage} device=${device} />`,
    is('cash_drawer') && may('open_drawer') && html`<button type="button" onClick=${() => (dialog.value = { name: 'drawer', data: device.id })}>
      <${Icon} name="drawer" />${t('drawer.title')}</button>`,
    (is('line_display') || is('numeric_display')) && html`<${Show} device=${device} amount=${!is('line_display')} />`,
    is('scanner') && html`<${Scan} device=${device} />`,
    is('scale') && has(WEIGH) && html`<${Weigh} device=${device} />`,
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return html`<div class="card stack"><h2>${t('console.try')}</h2>${parts}</div>`;
}

/** A test page, and what became of it. */
function TestPage({ device }) {
  const [job, setJob] = useState(null);
  const print = async () => {
    const answer = await order('POST', `/v1/devices/${device.id}/test`, {});
    if (!answer) return;
    setJob(answer);
    noteJob(answer);
  };
  const now = ledger.value?.find((one) => one.id === job?.id) ?? job;
  const [tone, words] = now ? jobState(now.state) : ['', ''];
  return html`<div class="try"><button type="button" disabled=${link.value === 'away'} onClick=${print}><${Icon} name="printer" />${t('console.try.page')}</button>
    <p role="status" class=${`condition ${tone}`}>${now && t('console.try.page_state', { state: words })}</p></div>`;
}

/** A line of text for the customer; where the glass has digits only, an amount. */
function Show({ device, amount }) {
  const [text, setText] = useState(amount ? AMOUNT_EXAMPLE : '');
  const send = async (lines) => order('PUT', `/v1/devices/${device.id}/display`, { lines }, t('console.try.shown'));
  const submit = (event) => {
    event.preventDefault();
    send([text]);
  };
  return html`<form class="try" onSubmit=${submit}><label class="field"><span>${t('console.try.text')}</span>
      <input maxlength=${TEXT_LENGTH_MAX} pattern=${amount ? AMOUNT : undefined} value=${text} onInput=${(event) => setText(event.target.value)} /></label>
    <div class="row"><button disabled=${!text.trim()}><${Icon} name="grid" />${t('console.try.show')}</button>
      <button type="button" class="plain" onClick=${() => send([])}>${t('console.try.clear')}</button></div></form>`;
}

/** Wait for scans; the scanner is held meanwhile, so that no till rings them up. */
function Scan({ device }) {
  const [waiting, setWaiting] = useState(false);
  const [scans, setScans] = useState([]);
  const on = useRef(false);
  const stop = () => {
    if (!on.current) return;
    on.current = false;
    setWaiting(false);
    command('DELETE', `/v1/devices/${device.id}/claim`).catch(() => {});
  };
  useEffect(() => stop, []);
  const start = async () => {
    on.current = true;
    setWaiting(true);
    try {
      while (on.current) {
        await command('PUT', `/v1/devices/${device.id}/claim`, { lease_s: CLAIM_S });
        const read = await get(`/v1/devices/${device.id}/scan`);
        if (read.data !== null && on.current) setScans((before) => [read, ...before].slice(0, SCANS_SHOWN_MAX));
      }
    } catch (error) {
      if (on.current && !(error instanceof Away)) explain(error);
      stop();
    }
  };
  return html`<div class="try">
    <button type="button" aria-pressed=${waiting} onClick=${waiting ? stop : start}><${Icon} name="scan" />${waiting ? t('console.try.scan_stop') : t('console.try.scan')}</button>
    ${waiting && scans.length === 0 && html`<p class="soft" role="status">${t('console.try.scan_now')}</p>`}
    <ul class="scans" aria-live="polite">${scans.map((one, index) => html`<li key=${scans.length - index}><code>${one.data}</code> <span class="soft">${one.aim}</span></li>`)}</ul></div>`;
}
