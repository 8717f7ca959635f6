/** Rehearsing an outage on simulated devices or restarting the hub, and what a cashier would have seen of it. */
import { html, useState } from '../../till/lib.mjs';
import { get, link } from '../../till/api.mjs';
import { t } from '../../till/i18n.mjs';
import { Dialog, shut } from '../../till/parts.mjs';
import { activityName, whyWords } from '../../till/payment-words.mjs';
import { dialog, hub } from '../../till/state.mjs';
import { order, usePolling } from '../data.mjs';
import { jobState } from '../words.mjs';

/** Played on simulated devices, which a real shop has none of. */
const ON_DEVICES = ['printer_out', 'scanner_gone', 'device_reset', 'terminal_silent'];
const NAMES = {
  printer_out: () => t('console.drill.printer_out'),
  scanner_gone: () => t('console.drill.scanner_gone'),
  device_reset: () => t('console.drill.device_reset'),
  terminal_silent: () => t('console.drill.terminal_silent'),
  hub_restart: () => t('console.drill.hub_restart'),
};
const VERDICTS = {
  running: () => ['warn', t('console.drill.running')],
  held: () => ['good', t('console.drill.held')],
  needs_person: () => ['bad', t('console.drill.needs_person')],
  cancelled: () => ['quiet', t('console.drill.cancelled')],
};
const STEPS = {
  job_queued: () => t('console.drill.step.job_queued'),
  fault_on: () => t('console.drill.step.fault_on'),
  fault_off: () => t('console.drill.step.fault_off'),
  unplugged: () => t('console.drill.step.unplugged'),
  scanned: () => t('console.drill.step.scanned'),
  scan_seen: () => t('console.drill.step.scan_seen'),
  device: () => t('console.drill.step.device'),
  job: () => t('console.drill.step.job'),
  payment_begun: () => t('console.drill.step.payment_begun'),
  payment: () => t('console.drill.step.payment'),
  shown: () => t('console.drill.step.shown'),
  listed: () => t('console.drill.step.listed'),
  basket_abandoned: () => t('console.drill.step.basket_abandoned'),
  error: () => t('console.drill.step.error'),
  restart_asked: () => t('console.drill.step.restart_asked'),
  last_answer: () => t('console.drill.step.last_answer'),
  sockets_told: () => t('console.drill.restart.told'),
  ready: () => t('console.drill.step.ready'),
  sockets_back: () => t('console.drill.restart.back'),
};
const MS_PER_S = 1000;
const DEVICE_STATES = {
  ready: () => t('device.ready'),
  connecting: () => t('device.connecting'),
  offline: () => t('device.offline'),
  fault: () => t('device.fault'),
  REC_EMPTY: () => t('device.paper_end'),
  paper_end: () => t('device.paper_end'),
  reset: () => t('console.fault.reset'),
  lost_reply: () => t('console.drill.no_reply'),
  OFFLINE: () => t('device.offline'),
};

const PAYMENTS = {
  created: () => t('payment.starting'),
  not_sent: () => t('payment.not_sent'),
  unknown: () => t('payment.not_known'),
  manual: () => t('unresolved.manual'),
  recovered_declined: () => t('payment.declined'),
};
const NOTHING = '–';
/** What a step came to, in words; by what changed. */
const SEEN = {
  job: (value) => jobState(value)[1],
  payment: (value) => (PAYMENTS[value] ?? (() => t('payment.working')))(),
  shown: (value) => activityName(value) || NOTHING,
  listed: (value) => whyWords(value) || t('console.drill.listed_not'),
};

export function Drill() {
  const [report, setReport] = useState(null);
  usePolling(() => get('/v1/drills').then((answer) => setReport(answer.drill)).catch(() => {}), []);
  const running = report?.verdict === 'running';
  const start = (name) => async () => {
    const answer = await order('POST', '/v1/drills', { name });
    if (answer) setReport(answer);
  };
  const busy = running || link.value === 'away';
  const ask = () => (dialog.value = { name: 'restart', data: start('hub_restart') });
  const [tone, words] = report ? VERDICTS[report.verdict]() : ['', ''];
  const seen = ({ what, seen: value }) => (SEEN[what] ? SEEN[what](value) : (DEVICE_STATES[value]?.() ?? value));
  return html`<section class="card drill"><h2>${t('console.drill')}</h2>
    ${hub.value.demo && html`<p class="soft">${t('console.drill.how')}</p>
    <div class="row">${ON_DEVICES.map((name) => html`<button type="button" key=${name} disabled=${busy} onClick=${start(name)}>${NAMES[name]()}</button>`)}</div>`}
    <p class="soft">${t('console.drill.restart.how')}</p>
    <div class="row"><button type="button" disabled=${busy} onClick=${ask}>${t('console.drill.restart.do')}</button>
      ${running && html`<button type="button" class="danger" onClick=${() => order('DELETE', '/v1/drills')}>${t('console.drill.stop')}</button>`}</div>
    ${report && html`<div aria-live="polite"><p class=${`mark ${tone}`}>${NAMES[report.name]()}: ${words}</p>
      ${report.restart && html`<${Interruption} seen=${report.restart} />`}
      <ol class="steps">${report.steps.map((step, index) => html`<li key=${index}><span class="soft">+${((step.at_ms - report.started_ms) / MS_PER_S).toFixed(1)} s</span>
        <span>${STEPS[step.what]?.() ?? step.what}</span> <b>${seen(step)}</b></li>`)}</ol></div>`}
  </section>`;
}

/** A restart in numbers. */
function Interruption({ seen }) {
  const facts = [
    [t('console.drill.restart.away'), `${(seen.away_ms / MS_PER_S).toFixed(1)} s`],
    [t('console.drill.restart.told'), `${seen.sockets_told} / ${seen.sockets}`],
    [t('console.drill.restart.back'), `${seen.sockets_back} / ${seen.sockets}`],
    [t('console.drill.restart.baskets'), `${seen.baskets_kept} / ${seen.baskets}`],
    [t('console.drill.restart.jobs'), seen.jobs_waiting],
    [t('console.drill.restart.jobs_unknown'), seen.jobs_unknown],
    [t('console.drill.restart.payments'), seen.payments_open],
    [t('console.drill.restart.payments_in_doubt'), seen.payments_in_doubt],
  ];
  return html`${!seen.in_place && html`<p class="mark warn">${t('console.drill.restart.elsewhere')}</p>`}
    <dl class="facts tight">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Before the tills are without the hub. `data` restarts it. */
export function RestartDialog({ data }) {
  const restart = () => {
    shut();
    data();
  };
  return html`<${Dialog} title=${t('console.drill.restart.ask')}><p>${t('console.drill.restart.ask_how')}</p>
    <div class="row"><button type="button" data-first onClick=${shut}>${t('cancel')}</button>
      <button type="button" class="danger solid" onClick=${restart}>${t('console.drill.restart.do')}</button></div><//>`;
}
