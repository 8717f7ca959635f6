/** Signing in: who is at the till. */
import { html, useEffect, useState } from '../lib.mjs';
import { Away, get, link } from '../api.mjs';
import { t, when } from '../i18n.mjs';
import { Icon } from '../icons.mjs';
import { AwayBanner, Keypad, typed } from '../parts.mjs';
import { hub } from '../state.mjs';
import { signIn } from '../session.mjs';
import { Languages } from './pair.mjs';
import { DrawerAlarm } from './drawer-alarm.mjs';

const PIN_LENGTH_MIN = 4;
const PIN_LENGTH_MAX = 12;
const ROLES = { owner: () => t('role.owner'), manager: () => t('role.manager'), clerk: () => t('role.clerk') };

export function SignIn() {
  const [people, setPeople] = useState(null);
  const [person, setPerson] = useState(null);
  const away = link.value === 'away';
  useEffect(() => {
    get('/v1/staff')
      .then((answer) => setPeople(answer.staff.filter((one) => one.active)))
      .catch(() => {});
  }, [away]);
  return html`<main class="gate">
    <${AwayBanner} /><${DrawerAlarm} />
    <p class="gate-store">${hub.value?.store.name}</p>
    ${person ? html`<${Pin} person=${person} back=${() => setPerson(null)} />` : html`<${People} people=${people} pick=${setPerson} />`}
    <${Languages} />
  </main>`;
}

function People({ people, pick }) {
  return html`<section class="card gate-card people-card">
    <h1>${t('signin.title')}</h1>
    <ul class="people">${(people ?? []).map(
      (one) => html`<li key=${one.id}><button type="button" class="person" onClick=${() => pick(one)}>
        <span class="face" data-hue=${hueOf(one.id)} aria-hidden="true">${[...one.name][0]}</span>
        <span class="person-name">${one.name}</span><span class="soft">${ROLES[one.role]?.() ?? one.role}</span>
      </button></li>`,
    )}</ul>
    ${people?.length === 0 && html`<p class="soft">${t('signin.nobody')}</p>`}
  </section>`;
}

/** One of eight hues, the same for the same text. @param {string} text */
export function hueOf(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % 8;
}

/** What to tell of a refused sign-in. */
function faultOf(error) {
  if (error instanceof Away) return t('away.wait');
  const { locked_until_ms, retry_after_s } = error.params ?? {};
  const until_ms = locked_until_ms ?? (retry_after_s ? Date.now() + retry_after_s * 1000 : null);
  if (!until_ms) return error.message;
  return t('signin.locked', { time: when(until_ms, hub.value.store.timezone) });
}

function Pin({ person, back }) {
  const [pin, setPin] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const key = (pressed) => {
    setFault('');
    setPin((now) => typed(now, pressed).slice(0, PIN_LENGTH_MAX));
  };
  const submit = async (event) => {
    event.preventDefault();
    if (pin.length < PIN_LENGTH_MIN) return;
    setBusy(true);
    try {
      await signIn(person.id, pin);
    } catch (error) {
      setFault(faultOf(error));
      setPin('');
      setBusy(false);
    }
  };
  const digits = (event) => {
    setFault('');
    setPin(event.target.value.replace(/\D/g, '').slice(0, PIN_LENGTH_MAX));
  };
  return html`<form class="card gate-card pin" onSubmit=${submit}>
    <button type="button" class="plain pin-back" onClick=${back}><${Icon} name="back" />${t('signin.other')}</button>
    <span class="face large" data-hue=${hueOf(person.id)} aria-hidden="true">${[...person.name][0]}</span>
    <h1>${person.name}</h1>
    <label class="field"><span class="unseen">${t('signin.pin')}</span>
      <input class="pin-field" type="password" inputmode="none" autocomplete="off" placeholder=${t('signin.pin')} value=${pin}
        ref=${focusOnce} onInput=${digits} aria-describedby="pin-fault" aria-invalid=${fault !== ''} />
    </label>
    <p id="pin-fault" class="fault" role="alert">${fault}</p>
    <${Keypad} label=${t('signin.pin')} onKey=${key} />
    <button class="primary big" disabled=${busy || pin.length < PIN_LENGTH_MIN}>${t('signin.do')}</button>
  </form>`;
}

/** Focus a field when it appears. @param {HTMLElement|null} element */
export function focusOnce(element) {
  if (element && !element.dataset.focused) {
    element.dataset.focused = 'yes';
    element.focus();
  }
}
