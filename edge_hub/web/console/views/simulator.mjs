/** A simulated device: what it shows, how to break it, and what a person would do to it. */
import { html, useEffect, useRef, useState } from '../../till/lib.mjs';
import { Away, get } from '../../till/api.mjs';
import { t } from '../../till/i18n.mjs';
import { reasonName } from '../../till/payment-words.mjs';
import { explain, order, usePolling } from '../data.mjs';
import { actionName, faultName } from '../words.mjs';

/** What the simulated bank says from then on: its word, and the reason a till is told. */
const OUTCOMES = [
  ['approve', ''],
  ['decline', 'declined'],
  ['call_bank', 'call_bank'],
  ['cancel', 'cancelled'],
  ['card', 'card'],
  ['balance', 'balance'],
  ['host', 'host'],
];
/** What can be done by hand, by role; with the value asked for, if any, an example of it, and what there is to choose. */
const ACTIONS = {
  pos_printer: [['load_paper']],
  label_printer: [['load_labels']],
  cash_drawer: [['close_drawer'], ['open_drawer']],
  scanner: [['scan', '9521234000013']],
  scale: [['put', '250'], ['take_off']],
  eft_terminal: [['outcome', 'approve', OUTCOMES], ['scheme', 'VISA'], ['tip', '10']],
  wallet: [['outcome', 'approve', OUTCOMES], ['confirm'], ['refuse']],
};
const NOTHING_TO_SHOW = 404;

export function Simulated({ device }) {
  const path = `/v1/devices/${device.id}/simulator`;
  const [seen, setSeen] = useState(null);
  const changes = useRef(0);
  const look = async () => {
    const before = changes.current;
    try {
      const answer = await get(path);
      if (before === changes.current) setSeen(answer); // else it is older than what a change answered
    } catch (error) {
      if (!(error instanceof Away)) explain(error);
    }
  };
  usePolling(look, [path]);
  const actions = device.roles.flatMap((role) => ACTIONS[role] ?? []);
  const change = async (method, end, body) => {
    changes.current += 1;
    const answer = await order(method, `${path}/${end}`, body);
    changes.current += 1;
    if (answer) setSeen(answer);
  };
  const flip = (fault) => change('PUT', `faults/${fault.name}`, { on: !fault.active });
  const act = (action, value) => change('POST', 'actions', { action, value });
  return html`<div class="card stack"><h2>${t('console.sim')}</h2><p class="soft">${t('console.sim.how')}</p>
    <div class="sim"><div class="stack">
      ${actions.length > 0 && html`<h3>${t('console.sim.actions')}</h3>
        ${actions.map(([action, example, choices]) => html`<${Action} key=${action} action=${action} example=${example} choices=${choices} act=${act} />`)}`}
      <h3>${t('console.sim.faults')}</h3>
      <ul class="faults">${(seen?.faults ?? []).map((fault) => html`<li key=${fault.name}><label class="switch">
        <input type="checkbox" role="switch" data-fault=${fault.name} checked=${fault.active} onChange=${() => flip(fault)} />
        <span><b>${faultName(fault)}</b><small class="soft"><code>${fault.name}</code> ${fault.help}</small></span></label></li>`)}</ul></div>
      <${Picture} path=${`${path}/picture`} label=${device.label} mark=${JSON.stringify(seen?.state ?? {})} /></div>
  </div>`;
}

function Action({ action, example, choices, act }) {
  const [value, setValue] = useState(example ?? '');
  const submit = (event) => {
    event.preventDefault();
    act(action, value);
  };
  return html`<form class="row tight" onSubmit=${submit}>
    ${choices && html`<select aria-label=${actionName(action)} value=${value} onChange=${(event) => setValue(event.target.value)}>
      ${choices.map(([name, reason]) => html`<option key=${name} value=${name}>${reasonName(reason) || t('payment.approved')}</option>`)}</select>`}
    ${example && !choices && html`<input aria-label=${actionName(action)} value=${value} onInput=${(event) => setValue(event.target.value)} />`}
    <button>${actionName(action)}</button></form>`;
}

/** What it has printed or shows; asked for again when its state changes. */
function Picture({ path, label, mark }) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    let made = '';
    let gone = false;
    get(path, { accept: 'image/png' })
      .then((blob) => {
        if (gone) return;
        made = URL.createObjectURL(blob);
        setAddress(made);
      })
      .catch((error) => {
        if (error.status === NOTHING_TO_SHOW) setAddress('');
      });
    return () => {
      gone = true;
      if (made) setTimeout(() => URL.revokeObjectURL(made), 1_000);
    };
  }, [path, mark]);
  if (!address) return null;
  return html`<figure class="shown"><img src=${address} alt=${t('console.sim.picture', { name: label })} /></figure>`;
}
